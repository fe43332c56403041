const WORDS = ["list", "set ", "edit", "import", "export", "system", "dark", "light"];
const ENTRIES = {
  edit: "edit the theme", import: "import a theme from a file", export: "export the theme as a file",
  system: "theme: follow the system", dark: "theme: dark", light: "theme: light",
};

/** Where the page meets what can be done with themes: the rest of it is loaded when one first comes near. */
export class LazyThemes {
  /** @type {import("./controller.js").ThemeController | null} */
  controller = null;
  #coming = null;
  #asked = false;

  constructor(theme, status) {
    Object.assign(this, { theme, status });
  }

  /** @param {(controller: import("./controller.js").ThemeController) => void} use */
  open(use) {
    this.#coming ??= import("./controller.js").then(({ ThemeController }) => (this.controller = new ThemeController(this)));
    this.#coming.then(use, () => {
      this.#coming = null;
      this.status.hint("The themes could not be loaded. Reload the page to try again.", "error");
    });
  }

  /** @param {HTMLAnchorElement} link which leads to the page without scripts */
  listen(link) {
    link.role = "button";
    link.ariaHasPopup = "dialog";
    for (const type of ["pointerenter", "focus"]) link.addEventListener(type, () => this.open(() => {}), { once: true });
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.open((controller) => controller.chooser.open());
    });
    link.addEventListener("keydown", (event) => {
      if (event.key !== " " || event.ctrlKey) return;
      event.preventDefault();
      link.click();
    });
  }

  /** What may follow `/theme`. @param {() => void} more called when there is more of it */
  choices(argument, more) {
    if (!/^set\s/i.test(argument)) return WORDS;
    this.#loadNames(more);
    return (this.controller?.names ?? []).map((name) => `set ${name}`);
  }

  /** Once, for names that have become old are still names. */
  #loadNames(more) {
    if (this.#asked) return;
    this.#asked = true;
    this.open(async (controller) => {
      this.#asked = await controller.themeList.load();
      more();
    });
  }

  /** For the palette. @param {(argument: string) => void} run @param {(() => void) | null} more called when there is more; null: not now */
  list(run, more) {
    const { account } = this.theme;
    if (more) this.#loadNames(more);
    return [
      ...Object.entries(ENTRIES).map(([word, label]) => ({ label, keys: `/theme ${word}`, run: () => run(word) })),
      ...(this.controller?.names ?? []).map((name) => ({ label: `theme ${name}`, keys: "/theme", run: () => run(`set ${name}`) })),
      { label: account ? `account: ${account}` : "sign in", keys: "", run: () => location.assign(account ? "/accounts/" : "/accounts/sign-in/") },
    ];
  }
}
