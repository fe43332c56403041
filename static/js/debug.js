import { shownTheme } from "./themes/state/theme-store.js";
import { query } from "./ui/dom.js";

/**
 * Defines `window.alphanumeric`, which gives tests and developers read-only access to the page's state.
 * @param {import("./app.js").App} app
 */
export function exposeState({ connection, queue, themeStore }) {
  Object.defineProperty(window, "alphanumeric", {
    value: Object.freeze({
      get output() {
        return queue.player.output;
      },
      get context() {
        return queue.player.context;
      },
      state: () => ({
        connection: connection.state,
        voice: query(document, "footer").dataset.voice,
        paused: queue.paused,
        account: themeStore.state.account,
        items: queue.items.map(({ document: { number }, state, wireId, cursor, total, settings }) => ({ number, state, wireId, cursor, total, speed: settings?.speed })),
        theme: themeState(themeStore.state),
        sounding: queue.player.sounding()?.sample ?? null,
      }),
    }),
  });
}

/** @param {ThemeState} state */
function themeState(state) {
  const { server, current, changes } = state;
  const shown = shownTheme(state);
  return {
    revision: server?.revision ?? null, id: shown && "id" in shown ? shown.id : null, mode: current?.mode ?? null,
    deviceOnly: current?.device_only ?? null, pending: changes.length,
  };
}
