import { button, enable, exporter } from "../../ui/controls.js";
import { byId, element, setText } from "../../ui/dom.js";
import { ColorGroups } from "./color-groups.js";
import { ContrastSummary } from "./contrast-summary.js";
import { pairs } from "../contrast.js";
import { exportTheme } from "../dialog/export-theme.js";
import { JsonEditor } from "./json-editor.js";
import { documentOf, fix } from "../state/theme-api.js";
import { oncePerFrame } from "../theme-painter.js";
import { findById } from "../state/theme-reducer.js";
import { selectedTheme } from "../state/theme-store.js";
import { TypographyEditor } from "./typography.js";
import { inverse, UndoHistory } from "./undo-history.js";

/**
 * Edits the selected theme in a side panel; the page next to it is the preview. The first change of a preset copies it, and
 * the copy is selected.
 */
export class Editor {
  #history = new UndoHistory();
  /** @type {string | null} */
  #id = null;

  /** @param {ThemeParts & {facts: ThemeFacts, openDialog: () => Promise<void>}} parts */
  constructor({ store, frame, changes, operations, facts, openDialog }) {
    this.store = store;
    this.changes = changes;
    this.operations = operations;
    this.facts = facts;
    this.openDialog = openDialog;
    this.name = element("input", { type: "text", id: "editor-name", maxlength: "60", autocomplete: "off" });
    this.note = element("p", { class: "muted" });
    this.contrastSummary = new ContrastSummary({
      setMinimum: (minimum) => this.changes.set({ minimum_contrast: minimum }),
      fix: () => this.#fix(),
    });
    this.groups = this.#createColorGroups();
    this.typography = new TypographyEditor(facts, {
      set: (typography, gesture) => this.edit({ typography }, gesture),
      pause: () => this.#history.pause(),
    });
    this.jsonEditor = new JsonEditor({ apply: (theme, revision) => this.#apply(theme, revision), minimum: () => this.#minimumContrast });
    this.title = element("h2", { id: "editor-title", tabindex: "-1" }, "Edit theme");
    this.undoButton = button("undo", () => this.undo(), { id: "editor-undo" });
    this.redoButton = button("redo", () => this.redo(), { id: "editor-redo" });
    this.resetAll = button("reset all", () => this.#resetAll(), { id: "editor-reset" });
    this.deleteButton = button("delete", () => this.#delete(), { id: "editor-delete" });
    this.problem = element("p", { class: "error-text", role: "alert" });
    this.node = this.#createPanel();
    this.#listen();
    store.subscribe(oncePerFrame(frame, () => this.isOpen && this.#show()));
  }

  /** Returns whether the panel is open. */
  get isOpen() {
    return this.node.isConnected && !this.node.hidden;
  }

  /** Returns the theme that is edited. Throws `Error` before the first state. */
  get #theme() {
    const theme = selectedTheme(this.store.state);
    if (!theme) throw new Error("no theme is selected");
    return theme;
  }

  get #minimumContrast() {
    return this.store.state.current?.minimum_contrast ?? 4.5;
  }

  /** Opens the panel. */
  open() {
    if (!this.node.isConnected) document.body.append(this.node);
    this.node.hidden = false;
    document.documentElement.dataset.editing = "";
    this.#show();
    this.title.focus();
  }

  /** Closes the panel. */
  close() {
    if (!this.isOpen) return;
    this.node.hidden = true;
    delete document.documentElement.dataset.editing;
    byId("prompt").focus();
  }

  /**
   * Edits the theme.
   * @param {ChangeFields} edit as `theme.edit` takes it
   * @param {string | null} gesture consecutive edits of one gesture are one step to undo
   */
  edit(edit, gesture = null) {
    const before = inverse(this.#theme, edit);
    const id = this.#ownId();
    const { revision: _, ...again } = edit;
    this.#history.add(before, again, gesture);
    return this.changes.edit(id, edit);
  }

  /** Undoes the last step. */
  undo() {
    this.#repeat(this.#history.undo());
  }

  /** Repeats the step that was undone last. */
  redo() {
    this.#repeat(this.#history.redo());
  }

  /** @param {ChangeFields | null} edit */
  #repeat(edit) {
    if (edit) this.changes.edit(this.#ownId(), edit);
  }

  #ownId() {
    const theme = this.#theme;
    this.#id = theme.own ? theme.id : this.operations.duplicate(theme);
    return this.#id;
  }

  #show() {
    const theme = selectedTheme(this.store.state);
    if (!theme) return;
    // The undo history belongs to one theme.
    if (theme.id !== this.#id) this.#history.clear();
    this.#id = theme.id;
    const minimum = this.#minimumContrast;
    const all = pairs(this.facts.tokens, theme.colors, minimum);
    const origin = findById(this.store.state, theme.own ? theme.provenance : theme.id);
    this.#showHead(theme, origin);
    this.contrastSummary.show(all.filter(({ passes }) => !passes).length, minimum);
    this.groups.show(theme, origin, all);
    this.typography.show(theme.typography);
    this.jsonEditor.show(theme);
  }

  /** @param {Theme} theme @param {Theme | undefined} origin */
  #showHead(theme, origin) {
    if (document.activeElement !== this.name) this.name.value = theme.name;
    const copied = `A preset. Your first change creates a copy, "${theme.name}, mine".`;
    setText(this.note, theme.own ? `Yours, ${theme.scheme}${origin ? `; a copy of ${origin.name}` : ""}.` : copied);
    enable(this.undoButton, this.#history.canUndo);
    enable(this.redoButton, this.#history.canRedo);
    enable(this.resetAll, origin !== undefined && this.#differing(theme, origin).length > 0);
    this.deleteButton.hidden = !theme.own;
  }

  /** @param {ThemeDocument} theme @param {ThemeDocument} origin @returns {string[]} the names of the colors that differ */
  #differing(theme, origin) {
    return Object.keys(theme.colors).filter((name) => theme.colors[name] !== origin.colors[name]);
  }

  /** @param {string | null} only the name of the one color to fix */
  async #fix(only = null) {
    try {
      const { theme } = await fix(this.#theme, this.#minimumContrast);
      const changed = this.#differing(theme, this.#theme).filter((name) => !only || name === only);
      if (changed.length) this.edit({ colors: Object.fromEntries(changed.map((name) => [name, theme.colors[name]])) });
    } catch (error) {
      this.#mistake(/** @type {Error} */ (error).message);
    }
  }

  #resetAll() {
    const origin = findById(this.store.state, this.#theme.provenance);
    if (!origin) return;
    const names = this.#differing(this.#theme, origin);
    this.edit({ colors: Object.fromEntries(names.map((name) => [name, null])), typography: origin.typography });
  }

  /**
   * Replaces the whole theme, unless it was changed elsewhere since `revision`.
   * @param {ThemeDocument} theme
   * @param {number} revision
   */
  async #apply(theme, revision) {
    const { id, own, name } = this.#theme;
    /** @type {ChangeFields} */
    const edit = documentOf(theme);
    // The copy of a preset has a name already.
    if (!own && edit.name === name) delete edit.name;
    if (own && !this.store.state.changes.some(({ fields }) => fields.id === id)) edit.revision = revision;
    const error = await this.edit(edit);
    if (error) this.#history.drop();
    return error;
  }

  #rename() {
    const name = this.name.value.trim();
    if (name && name !== this.#theme.name) this.edit({ name });
    else this.name.value = this.#theme.name;
  }

  #delete() {
    const theme = this.#theme;
    this.close();
    this.openDialog().then(() => this.operations.delete(theme));
  }

  /** @param {string} sentence */
  #mistake(sentence) {
    setText(this.problem, sentence);
  }

  #createColorGroups() {
    return new ColorGroups(this.facts.tokens, {
      pick: (name, color, gesture) => {
        if (color !== this.#theme.colors[name]) this.edit({ colors: { [name]: color } }, gesture);
      },
      pause: () => this.#history.pause(),
      fix: (name) => this.#fix(name),
      mistake: (sentence) => this.#mistake(sentence),
    });
  }

  #createPanel() {
    const header = element("div", { class: "panel-header" }, this.title, this.undoButton, this.redoButton,
      button("close", () => this.close(), { id: "editor-close" }));
    const body = element("div", { class: "panel-body" },
      element("p", { class: "field" }, element("label", { for: "editor-name" }, "name"), this.name), this.note,
      this.contrastSummary.node, ...this.groups.nodes,
      element("details", {}, element("summary", {}, "Type"), this.typography.node),
      element("details", { id: "editor-json" }, element("summary", {}, "JSON"), this.jsonEditor.node));
    const actions = element("p", { class: "action-row" }, this.resetAll,
      button("duplicate", () => this.operations.duplicate(this.#theme), { id: "editor-duplicate" }), this.deleteButton,
      exporter(this.facts.formats, "editor-format", (format) => exportTheme(this.#theme, format)),
      button("all themes", () => this.openDialog(), { id: "editor-themes" }));
    return element("aside", { id: "editor", "aria-labelledby": "editor-title", hidden: true },
      header, body, element("div", { class: "panel-footer" }, this.problem, actions));
  }

  #listen() {
    this.name.addEventListener("change", () => this.#rename());
    this.node.addEventListener("keydown", (event) => this.#key(event));
    this.node.addEventListener("input", () => this.#mistake(""));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const control = (event.ctrlKey || event.metaKey) && !event.altKey;
    const key = event.key.toLowerCase();
    const typing = (event.target instanceof HTMLTextAreaElement) || (event.target === this.name && this.name.value !== this.#theme.name);
    const action = key === "escape" ? () => this.close()
      : typing || !control ? null
        : key === "z" ? () => (event.shiftKey ? this.redo() : this.undo())
          : key === "y" ? () => this.redo() : null;
    if (!action) return;
    event.preventDefault();
    // Esc stops the voice elsewhere.
    event.stopPropagation();
    action();
  }
}
