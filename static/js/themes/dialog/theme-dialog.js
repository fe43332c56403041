import { at } from "../../paths.js";
import { element, say, setText } from "../../ui/dom.js";
import { findById } from "../state/theme-reducer.js";
import { ThemeActions } from "./theme-actions.js";
import { Importer } from "./importer.js";
import { ThemeListbox } from "./theme-listbox.js";
import { button } from "../../ui/controls.js";
import { ThemeMode } from "../theme-mode.js";
import { oncePerFrame } from "../theme-painter.js";
import { activeScheme, selectedTheme } from "../state/theme-store.js";

const RELOAD_MS = 500;

/** The dialog in which a theme is selected. Moving through the list previews each theme; Enter selects it, Esc cancels. */
export class ThemeDialog {
  /** @type {ReturnType<typeof setTimeout> | null} */
  #reloadTimer = null;
  /** @type {(() => Promise<string>) | null} */
  #undo = null;
  /** @type {string | null} */
  #selection = null;

  /** @param {ThemeParts & {styled: Promise<void>, edit: () => Promise<void>}} parts */
  constructor({ store, frame, notify, changes, operations, load, styled, edit }) {
    this.store = store;
    this.notify = notify;
    this.changes = changes;
    this.operations = operations;
    this.load = load;
    this.styled = styled;
    this.edit = edit;
    this.field = element("input", {
      id: "theme-search", type: "text", role: "combobox", "aria-label": "Find a theme", "aria-expanded": "true", "aria-controls": "theme-list",
      "aria-autocomplete": "list", autocomplete: "off", spellcheck: "false", placeholder: "find a theme", autofocus: true,
    });
    this.list = this.#buildList(this.field);
    this.actions = this.#buildThemeActions(this.list);
    this.settings = new ThemeMode({ setMode: (mode) => this.#setMode(mode), setDeviceOnly: (deviceOnly) => this.changes.set({ device_only: deviceOnly }) });
    this.importer = new Importer(this.store, { create: (theme) => this.operations.create(theme), notify: this.notify, close: () => this.#turnTo("list") });
    this.state = element("p", { class: "muted", role: "status" });
    this.none = element("p", { class: "muted", role: "status" });
    this.empty = element("p", { class: "muted", id: "theme-empty", hidden: true },
      "You have no themes of your own yet. Edit any theme to save a copy here, or import a file.");
    this.message = element("span", { id: "theme-message", role: "status" });
    this.undoButton = button("undo", () => this.#restoreDeleted(), { id: "theme-undo", hidden: true });
    this.importButton = button("import a file", () => this.#turnTo("import"), { id: "theme-import" });
    this.account = element("a", { id: "theme-account", href: at("accounts/sign-in/") }, "sign in");
    const links = element("p", { class: "links" }, this.importButton, this.account,
      element("span", { class: "muted key-hints" }, element("kbd", {}, "Enter"), " selects  ", element("kbd", {}, "Esc"), " cancels"));
    this.chooseView = element("section", { class: "theme-picker" }, this.field, this.list.box, this.state, this.none, this.empty,
      this.actions.node, this.actions.rename.node, this.settings.node);
    /** @type {HTMLDialogElement} */
    this.dialog = element("dialog", { id: "theme-dialog", "aria-labelledby": "theme-dialog-title" },
      element("div", { class: "panel-header" }, element("h2", { id: "theme-dialog-title" }, "Themes"), button("close", () => this.dialog.close(), { id: "theme-dialog-close" })),
      this.chooseView, this.importer.node,
      element("div", { class: "panel-footer" }, element("p", { class: "message" }, this.message, " ", this.undoButton), links));
    this.#listen();
    store.subscribe(oncePerFrame(frame, () => this.#draw()));
    store.subscribe((_state, _before, { type }) => this.#reloadAfter(type));
  }

  /** Returns whether the dialog is open. */
  get isOpen() {
    return this.dialog.open;
  }

  /**
   * Opens the dialog, or switches the open dialog to `view`.
   * @param {"list" | "import"} view
   */
  async open(view = "list") {
    await this.styled;
    if (!this.dialog.isConnected) document.body.append(this.dialog);
    if (!this.isOpen) this.dialog.showModal();
    this.field.value = "";
    this.showMessage("");
    this.#turnTo(view);
    this.actions.offerFormats().catch(() => {});
    await this.#load();
    this.#activateShown();
  }

  /**
   * Shows a message in the dialog, with a button where it can be undone.
   * @type {Notify}
   */
  showMessage(text, kind = "notice", undo = null) {
    say(this.message, text);
    this.message.dataset.kind = kind;
    this.#undo = undo;
    this.undoButton.hidden = !undo;
    if (undo) this.undoButton.focus();
  }

  /**
   * Loads the list again after a change, for it may be another tab's.
   * @param {string} type
   */
  #reloadAfter(type) {
    if (!this.isOpen || this.#reloadTimer || !["theme.changed", "session.created"].includes(type)) return;
    this.#reloadTimer = setTimeout(() => {
      this.#reloadTimer = null;
      if (this.isOpen) this.#load();
    }, RELOAD_MS);
  }

  #draw() {
    if (!this.isOpen) return;
    const { current } = this.store.state;
    const selection = current && `${current.mode} ${current.dark.id} ${current.light.id}`;
    if (selection !== this.#selection) this.#refresh();
    else this.#showSettings();
    this.#selection = selection;
  }

  async #load() {
    this.dialog.setAttribute("aria-busy", "true");
    if (!this.store.state.listed) setText(this.state, "Loading the list …");
    const listed = await this.load();
    this.dialog.setAttribute("aria-busy", "false");
    setText(this.state, listed ? "" : "The list is not available; it loads when the page reconnects.");
    this.#refresh();
  }

  #refresh() {
    const { state } = this.store;
    const { themes, listed } = state;
    this.list.show(themes, ({ id, scheme }) => {
      if (state.current?.[scheme].id !== id) return "";
      return scheme === activeScheme(state) ? "shown" : `when ${scheme}`;
    });
    if (!this.list.active && !this.field.value) this.list.activate(selectedTheme(state)?.id);
    this.empty.hidden = !listed || themes.some(({ own }) => own);
    this.#showSettings();
    this.#showActive();
  }

  #showSettings() {
    const { current, account } = this.store.state;
    if (current) this.settings.show(current);
    setText(this.account, account ? `account: ${account}` : "sign in");
    this.account.href = at(account ? "accounts/" : "accounts/sign-in/");
  }

  #showActive() {
    setText(this.none, this.list.box.hidden && this.field.value ? "No theme matches." : "");
    this.actions.show();
  }

  #activateShown() {
    this.list.activate(selectedTheme(this.store.state)?.id);
    this.#showActive();
  }

  /** @param {ThemeDocument | null} theme */
  #preview(theme) {
    this.store.dispatch({ type: "theme.previewed", theme });
  }

  /** @param {Theme} theme */
  #select(theme) {
    this.#preview(null);
    this.operations.select(theme);
    this.#refresh();
  }

  /** @param {HTMLInputElement} field */
  #buildList(field) {
    return new ThemeListbox(field, element("div", { id: "theme-list", role: "listbox", "aria-label": "Themes" }), {
      onActivate: (theme) => {
        this.#preview(theme);
        this.#showActive();
      },
      onSelect: (theme) => this.#select(theme),
      onConfirm: (theme) => {
        this.dialog.close();
        this.#select(theme);
      },
    });
  }

  /** @param {ThemeListbox} list */
  #buildThemeActions(list) {
    return new ThemeActions(list, {
      edit: () => this.#edit(),
      duplicate: () => this.#duplicate(),
      delete: () => this.#delete(),
      rename: ({ id }, name) => {
        this.changes.edit(id, { name });
        this.showMessage(`Renamed to "${name}".`);
      },
      closed: () => {
        this.#refresh();
        this.field.focus();
      },
    });
  }

  #listen() {
    this.dialog.addEventListener("close", () => this.#preview(null));
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
    this.dialog.addEventListener("dragover", (event) => event.preventDefault());
    this.dialog.addEventListener("drop", (event) => {
      event.preventDefault();
      const [file] = event.dataTransfer?.files ?? [];
      if (file) this.#take(file);
    });
    this.field.addEventListener("paste", (event) => {
      const text = event.clipboardData?.getData("text") ?? "";
      // A text of several lines is no name.
      if (!text.trim().includes("\n")) return;
      event.preventDefault();
      this.#take(text);
    });
  }

  /** @param {Blob | string} file */
  #take(file) {
    this.#turnTo("import");
    this.importer.take(file);
  }

  /** @param {"list" | "import"} view */
  #turnTo(view) {
    this.#preview(null);
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

  /** @param {Mode} mode */
  #setMode(mode) {
    this.#preview(null);
    this.changes.set({ mode });
    this.#refresh();
    this.#activateShown();
  }

  #edit() {
    const { active } = this.list;
    this.dialog.close();
    if (active) this.operations.select(active);
    this.edit().catch(({ message }) => this.notify(message, "error"));
  }

  #duplicate() {
    this.#preview(null);
    const { active } = this.list;
    if (!active) return;
    const id = this.operations.duplicate(active);
    this.#refresh();
    this.list.activate(id);
    this.#showActive();
    this.showMessage(`"${findById(this.store.state, id)?.name}" is saved to your themes and shown.`);
  }

  #delete() {
    this.#preview(null);
    if (this.list.active) this.operations.delete(this.list.active);
    this.#refresh();
  }

  async #restoreDeleted() {
    const undone = this.#undo?.();
    this.showMessage("Restored.");
    this.field.focus();
    const id = await undone;
    // Earlier lists do not contain it.
    this.store.dispatch({ type: "list.outdated" });
    await this.#load();
    this.list.activate(id);
    this.#showActive();
  }
}
