/**
 * The store of the page's themes. `dispatch` takes server messages and local actions, a pure reducer computes the next
 * state, and subscribers are notified. The state is changed in no other way.
 */

/** @type {ThemeState} */
const EMPTY = Object.freeze({
  server: null, current: null, account: null, device: null, unknownSession: null, preview: null, prefersDark: true,
  changes: [], known: new Map(), themes: [], listed: false, listing: null,
});

/** Holds the theme state of this tab. */
export class ThemeStore {
  /** @type {ThemeState} */
  #state;
  /** @type {ThemeReducer[]} */
  #reducers = [reduceSession];
  /** @type {Set<ThemeListener>} */
  #listeners = new Set();

  /** @param {Partial<ThemeState>} [initial] */
  constructor(initial = {}) {
    this.#state = { ...EMPTY, ...initial };
  }

  /** Returns the state, which is never changed in place. */
  get state() {
    return this.#state;
  }

  /**
   * Computes the next state and notifies the listeners with it, the previous state and the action.
   * @param {ThemeAction} action
   */
  dispatch(action) {
    const before = this.#state;
    const after = this.#reducers.reduce((state, reduce) => reduce(state, action), before);
    this.#state = after;
    for (const listener of [...this.#listeners]) listener(after, before, action);
  }

  /**
   * Calls `listener` after every action, in the order of subscription.
   * @param {ThemeListener} listener
   * @returns {() => void} ends the subscription
   */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Adds a reducer that runs after the others: the module for changes and lists is loaded when it is first used.
   * @param {ThemeReducer} reducer
   */
  addReducer(reducer) {
    this.#reducers.push(reducer);
    this.dispatch({ type: "reducer.added" });
  }
}

/**
 * Returns the scheme that is shown: the system's where the user follows it.
 * @param {ThemeState} state
 * @returns {Scheme}
 */
export function activeScheme({ current, prefersDark }) {
  const mode = current?.mode ?? "system";
  if (mode !== "system") return mode;
  return prefersDark ? "dark" : "light";
}

/**
 * Returns the theme that the user selected for the active scheme, or undefined before the first state.
 * @param {ThemeState} state
 */
export function selectedTheme(state) {
  return state.current?.[activeScheme(state)];
}

/**
 * Returns the theme to draw: the preview, if there is one.
 * @param {ThemeState} state
 */
export function shownTheme(state) {
  return state.preview ?? selectedTheme(state);
}

/**
 * Dispatches a server message if it concerns themes.
 * @param {ThemeStore} store
 * @param {ServerMessage} message
 * @returns {boolean} whether it concerns themes alone
 */
export function dispatchMessage(store, message) {
  const { type } = message;
  const isThemeMessage = type.startsWith("theme.") || ("request_id" in message && message.request_id !== undefined)
    || (type === "error" && message.param === "device");
  if (isThemeMessage || type === "session.created") store.dispatch(message);
  return isThemeMessage;
}

/**
 * Sends the device token of a browser without cookies after a reconnect, so that the server finds its themes again.
 * @param {ThemeStore} store
 * @param {Send} send
 */
export function resumeDevice(store, send) {
  store.subscribe((state, _before, { type }) => {
    if (type === "session.created" && state.unknownSession) send("theme.resume", { device: state.device });
  });
}

/** @type {ThemeReducer} */
function reduceSession(state, action) {
  switch (action.type) {
    case "session.created": {
      const { theme = null, account = null, device = null } = action;
      // The snapshot of a session that the server does not recognize shows another owner's themes until it is resumed.
      if (state.device && device) return { ...state, account, unknownSession: { theme, device } };
      return { ...state, account, unknownSession: null, device, server: theme, current: theme };
    }
    case "theme.changed": {
      const { type: _, ...server } = action;
      if (!state.unknownSession && state.server && server.revision <= state.server.revision) return state;
      return { ...state, unknownSession: null, server, current: server };
    }
    case "error": {
      if (action.param !== "device" || !state.unknownSession) return state;
      const { theme, device } = state.unknownSession;
      return { ...state, unknownSession: null, device, server: theme, current: theme };
    }
    case "theme.previewed":
      return { ...state, preview: action.theme };
    case "system.changed":
      return { ...state, prefersDark: action.prefersDark };
    default:
      return state;
  }
}
