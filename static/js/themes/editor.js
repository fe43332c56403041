import { byId, element, setText } from "../ui/dom.js";
import { pairs } from "./contrast.js";
import { exportTheme } from "./export-theme.js";
import { ColorGroups } from "./color-groups.js";
import { button, enable, exporter } from "../ui/controls.js";
import { JsonEditor } from "./json-editor.js";
import { inverse, UndoHistory } from "./undo-history.js";
import { documentOf, fix, tokens } from "./theme-api.js";
import { Typography } from "./typography.js";
import { ContrastSummary } from "./contrast-summary.js";

/**
 * The panel in which the theme that is shown is changed; the page beside it is the preview. A preset is copied by the
 * first change, and the copy is shown.
 */
export class Editor {
  #history = new UndoHistory();
  #facts = null;
  #id = null;

  /** @param {ThemeController} controller */
  constructor(controller) {
    this.controller = controller;
    controller.theme.followers.push(this);
  }

  get isOpen() {
    return Boolean(this.node) && !this.node.hidden;
  }

  get #theme() {
    return this.controller.shown;
  }

  /** Throws `ApiError` where the server cannot be asked what there is to edit. */
  async open() {
    const [facts] = await Promise.all([tokens(), this.controller.ready()]);
    if (!this.node) this.#build(facts);
    this.node.hidden = false;
    document.documentElement.dataset.editing = "";
    this.#show();
    this.title.focus();
  }

  close() {
    if (!this.isOpen) return;
    this.node.hidden = true;
    delete document.documentElement.dataset.editing;
    byId("prompt").focus();
  }

  receive() {}

  drawn() {
    if (this.isOpen) this.#show();
  }

  /** @param {object} edit as `theme.edit` takes it @param {string | null} gesture what happens in one gesture is one step */
  edit(edit, gesture = null) {
    const before = inverse(this.#theme, edit);
    const id = this.#ownId();
    const { revision: _, ...again } = edit;
    this.#history.add(before, again, gesture);
    return this.controller.changes.edit(id, edit);
  }

  undo() {
    this.#make(this.#history.undo());
  }

  redo() {
    this.#make(this.#history.redo());
  }

  #make(edit) {
    if (edit) this.controller.changes.edit(this.#ownId(), edit);
  }

  #ownId() {
    const theme = this.#theme;
    this.#id = theme.own ? theme.id : this.controller.duplicate(theme);
    return this.#id;
  }

  #show() {
    const theme = this.#theme;
    if (!theme) return;
    // Another theme: what was done to the last one cannot be taken back here.
    if (theme.id !== this.#id) this.#history.clear();
    this.#id = theme.id;
    const minimum = this.controller.theme.now.minimum_contrast;
    const all = pairs(this.#facts.tokens, theme.colours, minimum);
    const origin = this.controller.changes.find(theme.own ? theme.provenance : theme.id);
    this.#showHead(theme, origin);
    this.contrastSummary.show(all.filter(({ passes }) => !passes).length, minimum);
    this.groups.show(theme, origin, all);
    this.typography.show(theme.typography);
    this.jsonEditor.show(theme);
  }

  #showHead(theme, origin) {
    if (document.activeElement !== this.name) this.name.value = theme.name;
    const copied = `A preset. Your first change makes a copy of it that is yours: "${theme.name}, mine".`;
    setText(this.note, theme.own ? `Yours, ${theme.scheme}${origin ? `; it began as ${origin.name}` : ""}.` : copied);
    enable(this.undoButton, this.#history.canUndo);
    enable(this.redoButton, this.#history.canRedo);
    enable(this.resetAll, Boolean(origin) && this.#differing(theme, origin).length > 0);
    this.deleteButton.hidden = !theme.own;
  }

  #differing(theme, origin) {
    return Object.keys(theme.colours).filter((name) => theme.colours[name] !== origin.colours[name]);
  }

  async #fix(only = null) {
    try {
      const { theme } = await fix(this.#theme, this.controller.theme.now.minimum_contrast);
      const changed = this.#differing(theme, this.#theme).filter((name) => !only || name === only);
      if (changed.length) this.edit({ colours: Object.fromEntries(changed.map((name) => [name, theme.colours[name]])) });
    } catch ({ message }) {
      this.#mistake(message);
    }
  }

  #resetAll() {
    const origin = this.controller.changes.find(this.#theme.provenance);
    const names = this.#differing(this.#theme, origin);
    this.edit({ colours: Object.fromEntries(names.map((name) => [name, null])), typography: origin.typography });
  }

  /** The whole text, unless the theme was changed elsewhere since it was shown here. */
  async #apply(theme, revision) {
    const { id, own, name } = this.#theme;
    const edit = documentOf(theme);
    // The copy of a preset has a name already.
    if (!own && edit.name === name) delete edit.name;
    if (own && !this.controller.changes.isPending(id)) edit.revision = revision;
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
    this.controller.chooser.open().then(() => this.controller.delete(theme));
  }

  #mistake(sentence) {
    setText(this.problem, sentence);
  }

  #build(facts) {
    this.#facts = facts;
    this.title = element("h2", { id: "editor-title", tabindex: "-1" }, "Edit theme");
    this.undoButton = button("undo", () => this.undo(), { id: "editor-undo" });
    this.redoButton = button("redo", () => this.redo(), { id: "editor-redo" });
    this.problem = element("p", { class: "error-text", role: "alert" });
    this.node = element("aside", { id: "editor", "aria-labelledby": "editor-title", hidden: true },
      element("div", { class: "panel-header" }, this.title, this.undoButton, this.redoButton, button("close", () => this.close(), { id: "editor-close" })),
      element("div", { class: "panel-body" }, ...this.#buildHead(), ...this.#buildColours(),
        this.#buildTypography(), this.#buildJsonEditor()),
      element("div", { class: "panel-footer" }, this.problem, this.#buildActions()));
    this.node.addEventListener("keydown", (event) => this.#key(event));
    this.node.addEventListener("input", () => this.#mistake(""));
    document.body.append(this.node);
  }

  #buildHead() {
    this.name = element("input", { type: "text", id: "editor-name", maxlength: "60", autocomplete: "off" });
    this.name.addEventListener("change", () => this.#rename());
    this.note = element("p", { class: "muted" });
    return [element("p", { class: "field" }, element("label", { for: "editor-name" }, "name"), this.name), this.note];
  }

  #buildColours() {
    this.contrastSummary = new ContrastSummary({
      setMinimum: (minimum) => this.controller.changes.set({ minimum_contrast: minimum }),
      fix: () => this.#fix(),
    });
    this.groups = new ColorGroups(this.#facts.tokens, {
      pick: (name, colour, gesture) => colour !== this.#theme.colours[name] && this.edit({ colours: { [name]: colour } }, gesture),
      pause: () => this.#history.pause(),
      fix: (name) => this.#fix(name),
      mistake: (sentence) => this.#mistake(sentence),
    });
    return [this.contrastSummary.node, ...this.groups.nodes];
  }

  #buildTypography() {
    this.typography = new Typography(this.#facts, {
      set: (typography, gesture) => this.edit({ typography }, gesture),
      pause: () => this.#history.pause(),
    });
    return element("details", {}, element("summary", {}, "Type"), this.typography.node);
  }

  #buildJsonEditor() {
    this.jsonEditor = new JsonEditor({ apply: (theme, revision) => this.#apply(theme, revision), minimum: () => this.controller.theme.now.minimum_contrast });
    return element("details", { id: "editor-json" }, element("summary", {}, "As text"), this.jsonEditor.node);
  }

  #buildActions() {
    this.resetAll = button("reset all", () => this.#resetAll(), { id: "editor-reset" });
    this.deleteButton = button("delete", () => this.#delete(), { id: "editor-delete" });
    return element("p", { class: "action-row" }, this.resetAll,
      button("duplicate", () => this.controller.duplicate(this.#theme), { id: "editor-duplicate" }), this.deleteButton,
      exporter(this.#facts.formats, "editor-format", (format) => exportTheme(this.#theme, format)),
      button("all themes", () => this.controller.chooser.open(), { id: "editor-themes" }));
  }

  #key(event) {
    const control = (event.ctrlKey || event.metaKey) && !event.altKey;
    const key = event.key.toLowerCase();
    const typing = event.target.matches("textarea") || (event.target === this.name && this.name.value !== this.#theme.name);
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
