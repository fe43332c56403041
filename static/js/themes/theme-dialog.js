import { element, setText } from "../ui/dom.js";
import { ThemeActions } from "./theme-actions.js";
import { Importer } from "./importer.js";
import { ThemeListbox } from "./theme-listbox.js";
import { button } from "../ui/controls.js";
import { ThemeMode } from "./theme-mode.js";

const RELOAD_MS = 500;

/** The dialog in which a theme is chosen. Moving through the list shows each theme; Enter keeps it, Esc goes back. */
export class ThemeDialog {
  #reload = null;
  #undo = null;
  #known = null;

  /** @param {ThemeController} controller */
  constructor(controller) {
    this.controller = controller;
    controller.theme.followers.push(this);
  }

  get isOpen() {
    return this.dialog?.open ?? false;
  }

  /** @param {"list" | "import"} view */
  async open(view = "list") {
    await this.controller.styled;
    this.dialog ?? this.#build();
    if (!this.isOpen) this.dialog.showModal();
    this.field.value = "";
    this.tell("");
    this.#turnTo(view);
    this.actions.offerFormats().catch(() => {});
    await this.#load();
    this.#activateShown();
  }

  /** @param {(() => Promise<string>) | null} undo what takes back that which is told; the id of the theme that is back then */
  tell(text, kind = "notice", undo = null) {
    setText(this.said, text);
    this.said.dataset.kind = kind;
    this.#undo = undo;
    this.undoButton.hidden = !undo;
    if (undo) this.undoButton.focus();
  }

  /** Any message of the server's: what others change meanwhile is shown too. */
  receive({ type }) {
    if (!this.isOpen || !["theme.changed", "session.created"].includes(type)) return;
    this.#reload ??= setTimeout(() => {
      this.#reload = null;
      if (this.isOpen) this.#load();
    }, RELOAD_MS);
  }

  drawn() {
    if (!this.isOpen) return;
    const { now } = this.controller.theme;
    const known = now && `${now.mode} ${now.dark.id} ${now.light.id}`;
    if (known !== this.#known) this.#refresh();
    else this.#showSettings();
    this.#known = known;
  }

  async #load() {
    this.dialog.setAttribute("aria-busy", "true");
    if (!this.controller.themeList.fresh) setText(this.state, "The list is coming …");
    const listed = await this.controller.ready();
    this.dialog.setAttribute("aria-busy", "false");
    setText(this.state, listed ? "" : "The list cannot be had just now; it comes when the page is connected again.");
    this.#refresh();
  }

  #refresh() {
    const { changes, themeList, theme, shown } = this.controller;
    const { themes } = changes;
    this.list.show(themes, ({ id, scheme }) => {
      if (theme.now?.[scheme].id !== id) return "";
      return scheme === theme.scheme ? "shown" : `when ${scheme}`;
    });
    if (!this.list.active && !this.field.value) this.list.activate(shown?.id);
    this.empty.hidden = !themeList.fresh || themes.some(({ own }) => own);
    this.#showSettings();
    this.#showActive();
  }

  #showSettings() {
    const { now, account } = this.controller.theme;
    if (now) this.settings.show(now);
    setText(this.account, account ? `account: ${account}` : "sign in");
    this.account.href = account ? "/accounts/" : "/accounts/sign-in/";
  }

  #showActive() {
    this.none.hidden = !this.list.box.hidden || !this.field.value;
    this.actions.show();
  }

  #activateShown() {
    this.list.activate(this.controller.shown?.id);
    this.#showActive();
  }

  #keep(theme) {
    this.controller.theme.preview(null);
    this.controller.select(theme);
    this.#refresh();
  }

  #build() {
    this.field = element("input", {
      id: "theme-search", type: "text", role: "combobox", "aria-label": "Find a theme", "aria-expanded": "true", "aria-controls": "theme-list",
      "aria-autocomplete": "list", autocomplete: "off", spellcheck: "false", placeholder: "find a theme", autofocus: true,
    });
    this.list = this.#buildList();
    this.actions = this.#buildThemeActions();
    this.settings = new ThemeMode({ setMode: (mode) => this.#setMode(mode), setHere: (here) => this.controller.changes.set({ here }) });
    this.importer = new Importer(this.controller, () => this.#turnTo("list"));
    this.state = element("p", { class: "muted", role: "status" });
    this.none = element("p", { class: "muted", hidden: true }, "Nothing is called that.");
    this.empty = element("p", { class: "muted", id: "theme-empty", hidden: true },
      "You have no themes of your own yet. Edit any of these and your copy is kept here, or import a file.");
    this.said = element("span", { id: "theme-message", role: "status" });
    this.undoButton = button("undo", () => this.#takeBack(), { id: "theme-undo", hidden: true });
    this.chooseView = element("section", { class: "theme-picker" }, this.field, this.list.box, this.state, this.none, this.empty,
      this.actions.node, this.actions.rename.node, this.settings.node);
    this.dialog = element("dialog", { id: "theme-dialog", "aria-labelledby": "theme-dialog-title" },
      element("div", { class: "panel-header" }, element("h2", { id: "theme-dialog-title" }, "Themes"), button("close", () => this.dialog.close(), { id: "theme-dialog-close" })),
      this.chooseView, this.importer.node,
      element("div", { class: "panel-footer" }, element("p", { class: "message" }, this.said, " ", this.undoButton), this.#buildLinks()));
    this.#listen();
    document.body.append(this.dialog);
  }

  #buildList() {
    return new ThemeListbox(this.field, element("div", { id: "theme-list", role: "listbox", "aria-label": "Themes" }), {
      look: (theme) => {
        this.controller.theme.preview(theme);
        this.#showActive();
      },
      keep: (theme) => this.#keep(theme),
      take: (theme) => {
        this.dialog.close();
        this.#keep(theme);
      },
    });
  }

  #buildThemeActions() {
    return new ThemeActions(this.list, {
      edit: () => this.#edit(),
      duplicate: () => this.#duplicate(),
      delete: () => this.#delete(),
      rename: ({ id }, name) => {
        this.controller.changes.edit(id, { name });
        this.tell(`It is called "${name}" now.`);
      },
      closed: () => {
        this.#refresh();
        this.field.focus();
      },
    });
  }

  #buildLinks() {
    this.importButton = button("import a file", () => this.#turnTo("import"), { id: "theme-import" });
    this.account = element("a", { id: "theme-account", href: "/accounts/sign-in/" }, "sign in");
    return element("p", { class: "links" }, this.importButton, this.account,
      element("span", { class: "muted key-hints" }, element("kbd", {}, "Enter"), " keeps  ", element("kbd", {}, "Esc"), " goes back"));
  }

  #listen() {
    this.dialog.addEventListener("close", () => this.controller.theme.preview(null));
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
    this.dialog.addEventListener("dragover", (event) => event.preventDefault());
    this.dialog.addEventListener("drop", (event) => {
      event.preventDefault();
      const [file] = event.dataTransfer.files;
      if (file) this.#take(file);
    });
    this.field.addEventListener("paste", (event) => {
      const text = event.clipboardData.getData("text");
      // What has several lines is no name.
      if (!text.trim().includes("\n")) return;
      event.preventDefault();
      this.#take(text);
    });
  }

  #take(file) {
    this.#turnTo("import");
    this.importer.take(file);
  }

  #turnTo(view) {
    this.controller.theme.preview(null);
    this.chooseView.hidden = view !== "list";
    this.importer.node.hidden = view !== "import";
    this.importButton.hidden = view === "import";
    if (view === "import") {
      this.importer.begin();
      return;
    }
    this.#refresh();
    this.#activateShown();
    this.field.focus();
  }

  #setMode(mode) {
    this.controller.theme.preview(null);
    this.controller.changes.set({ mode });
    this.#refresh();
    this.#activateShown();
  }

  #edit() {
    const { active } = this.list;
    this.dialog.close();
    this.controller.select(active);
    this.controller.editor.open().catch(({ message }) => this.controller.tell(message, "error"));
  }

  #duplicate() {
    this.controller.theme.preview(null);
    const id = this.controller.duplicate(this.list.active);
    this.#refresh();
    this.list.activate(id);
    this.#showActive();
    this.tell(`"${this.list.active.name}" is yours, and shown.`);
  }

  #delete() {
    this.controller.theme.preview(null);
    this.controller.delete(this.list.active);
    this.#refresh();
  }

  async #takeBack() {
    const undone = this.#undo();
    this.tell("It is back.");
    this.field.focus();
    const id = await undone;
    // It is on no list from before.
    this.controller.themeList.fresh = false;
    await this.#load();
    this.list.activate(id);
    this.#showActive();
  }
}
