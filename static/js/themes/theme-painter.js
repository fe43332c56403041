import { shownTheme } from "./state/theme-store.js";

const COLOR = /^#[0-9a-f]{6}$/;

/** Applies the displayed theme as CSS properties, at most once per frame, and only changed properties. */
export class ThemePainter {
  /** @type {Record<string, string>} */
  #drawn = {};

  /**
   * @param {import("./state/theme-store.js").ThemeStore} store
   * @param {{frame: Frame, setProperty: (name: string, value: string) => void, onPainted: (theme: ThemeDocument) => void}} page
   */
  constructor(store, page) {
    this.store = store;
    this.page = page;
    store.subscribe(oncePerFrame(page.frame, () => this.#draw()));
  }

  #draw() {
    const theme = shownTheme(this.store.state);
    if (!theme) return;
    for (const [name, value] of cssProperties(theme)) {
      if (this.#drawn[name] === value) continue;
      this.#drawn[name] = value;
      this.page.setProperty(name, value);
    }
    this.page.onPainted(theme);
  }
}

/**
 * Returns a function that has `draw` called in the next frame, once for all calls until then.
 * @param {Frame} frame
 * @param {() => void} draw
 * @returns {() => void}
 */
export function oncePerFrame(frame, draw) {
  let planned = false;
  return () => {
    if (planned) return;
    planned = true;
    frame(() => {
      planned = false;
      draw();
    });
  };
}

/**
 * @param {ThemeDocument} theme
 * @returns {[string, string][]}
 */
function cssProperties({ scheme, colors, typography: { font, size, lineHeight } }) {
  const properties = Object.entries(colors).filter(([, color]) => COLOR.test(color)).map(([name, color]) =>
    /** @type {[string, string]} */ ([`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, color]));
  return [...properties, ["color-scheme", scheme], ["--font", `var(--font-${font})`], ["--size", `${size}px`], ["--line", `${lineHeight}`]];
}
