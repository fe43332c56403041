import { at } from "../paths.js";

const SUBCOMMANDS = ["list", "set ", "edit", "import", "export", "system", "dark", "light"];
const PALETTE_LABELS = {
  edit: "edit the theme", import: "import a theme from a file", export: "export the theme as a file",
  system: "theme: follow the system", dark: "theme: dark", light: "theme: light",
};

/** Loads the theme modules when they are first used, to keep the page's first load small. */
export class LazyThemes {
  /** @type {import("./controller.js").ThemeController | null} */
  controller = null;
  /** @type {Promise<import("./controller.js").ThemeController> | null} */
  #loading = null;
  #namesRequested = false;

  /** @param {ThemePage} page */
  constructor(page) {
    this.page = page;
  }

  /**
   * Calls `use` once the modules are loaded.
   * @param {(controller: import("./controller.js").ThemeController) => void} use
   */
  open(use) {
    this.#loading ??= import("./controller.js").then(({ ThemeController }) => (this.controller = new ThemeController(this.page)));
    this.#loading.then(use, () => {
      this.#loading = null;
      this.page.status.hint("The themes could not be loaded. Reload the page to try again.", "error");
    });
  }

  /**
   * Makes the link to the page for browsers without scripts open the dialog instead.
   * @param {HTMLElement} link
   */
  listen(link) {
    link.role = "button";
    link.ariaHasPopup = "dialog";
    for (const type of ["pointerenter", "focus"]) link.addEventListener(type, () => this.open(() => {}), { once: true });
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.open((controller) => controller.dialog.open());
    });
    link.addEventListener("keydown", (event) => {
      if (event.key !== " " || event.ctrlKey) return;
      event.preventDefault();
      link.click();
    });
  }

  /**
   * Returns the completions of `/theme`.
   * @param {string} argument
   * @param {() => void} onMore called when there are more
   */
  choices(argument, onMore) {
    if (!/^set\s/i.test(argument)) return SUBCOMMANDS;
    this.#loadNames(onMore);
    return (this.controller?.names ?? []).map((name) => `set ${name}`);
  }

  /**
   * Returns the entries of the command palette.
   * @param {(argument: string) => void} run
   * @param {(() => void) | null} onMore called when there are more; null: do not load any
   * @returns {PaletteEntry[]}
   */
  list(run, onMore) {
    const { account } = this.page.store.state;
    if (onMore) this.#loadNames(onMore);
    return [
      ...Object.entries(PALETTE_LABELS).map(([word, label]) => ({ label, keys: `/theme ${word}`, run: () => run(word) })),
      ...(this.controller?.names ?? []).map((name) => ({ label: `theme ${name}`, keys: "/theme", run: () => run(`set ${name}`) })),
      { label: account ? `account: ${account}` : "sign in", keys: "", run: () => location.assign(at(account ? "accounts/" : "accounts/sign-in/")) },
    ];
  }

  /**
   * Loads the names once, for outdated names still complete a line.
   * @param {() => void} onMore
   */
  #loadNames(onMore) {
    if (this.#namesRequested) return;
    this.#namesRequested = true;
    this.open(async (controller) => {
      this.#namesRequested = await controller.list.load();
      onMore();
    });
  }
}
