import { at } from "../paths.js";
import { ApiError, ask, send } from "../site-api.js";
import { button } from "../ui/controls.js";
import { byId, element, say, setText } from "../ui/dom.js";
import { searchableList } from "../ui/listbox.js";
import { loadStyles } from "../ui/styles.js";
import { SamplePlayer } from "./sample-player.js";
import { costs, groupVoices, languageNames, matches, primary } from "./voice-facts.js";
import { VoiceFinder } from "./voice-finder.js";

/** @type {VoiceDialog | null} */
let dialog = null;

/** Opens the dialog, which is made once. @param {import("../ui/voice-controls.js").VoiceControls} controls */
export function openVoices(controls) {
  dialog ??= new VoiceDialog(controls);
  return dialog.open();
}

/** The `id` of the option for the voice's own speaker. */
const DEFAULT_SPEAKER = "";
const WHO_INSTALLS = "The operator of this server can install more voices: there are more than a hundred free ones in about forty languages.";

/** The dialog in which a voice is chosen. Enter uses the active voice, Esc closes. */
class VoiceDialog {
  /** @type {ListedVoice[]} */
  #voices = [];
  /** @type {VoiceChoices} */
  #choices = { favorites: [], defaults: {} };
  #nameOf = languageNames();
  /** @type {VoiceFinder | null} */
  #finder = null;

  /** @param {import("../ui/voice-controls.js").VoiceControls} controls */
  constructor(controls) {
    this.controls = controls;
    this.styled = loadStyles(byId("voice-button").dataset.styles ?? "");
    this.voices = searchableList("voice", { search: "Find a voice", list: "Installed voices", placeholder: "find a voice or a language" }, {
      onActivate: () => this.#showActive(), onConfirm: () => this.#use(), onInput: () => this.#list(),
    });
    this.voices.field.setAttribute("autofocus", "");
    this.speakers = searchableList("speaker", { search: "Find a speaker", list: "Speakers", placeholder: "find a speaker" }, {
      onActivate: () => {}, onConfirm: () => this.#use(), onInput: () => this.#listSpeakers(),
    });
    this.player = new SamplePlayer((text, kind) => this.#say(text, kind));
    this.message = element("p", { id: "voice-message", class: "message", role: "status" });
    this.none = element("p", { class: "muted", role: "status" });
    this.facts = element("p", { id: "voice-facts", class: "muted" });
    this.useButton = button("use this voice", () => this.#use(), { class: "primary", "aria-describedby": "voice-facts" });
    this.hearButton = button("hear a sample", () => this.#hear());
    this.favoriteButton = button("favorite", () => this.#toggle("favorite"));
    this.defaultButton = button("default", () => this.#toggle("default"));
    this.speakerBox = element("div", { class: "speakers", hidden: true }, this.speakers.field, this.speakers.box);
    this.details = element("section", { class: "voice-details", "aria-label": "The marked voice" }, this.facts, this.speakerBox,
      element("p", { class: "action-row" }, this.useButton, this.hearButton, this.favoriteButton, this.defaultButton));
    this.installedView = element("div", { class: "voice-view" }, this.voices.field, this.voices.box, this.none, this.details);
    this.findView = element("div", { class: "voice-view", hidden: true });
    this.findButton = button("find more voices", () => this.#turnTo(Boolean(this.findView.hidden)), { hidden: true });
    this.whoInstalls = element("p", { class: "muted", hidden: true }, WHO_INSTALLS);
    /** @type {HTMLDialogElement} */
    this.dialog = element("dialog", { id: "voice-dialog", class: "panel", "aria-labelledby": "voice-dialog-title" },
      element("div", { class: "panel-header" }, element("h2", { id: "voice-dialog-title" }, "Voices"), this.findButton,
        button("close", () => this.dialog.close(), { label: "close the voices" })),
      this.installedView, this.findView,
      element("div", { class: "panel-footer" }, this.message, this.player.node, this.whoInstalls,
        element("p", { class: "muted key-hints" }, element("kbd", {}, "Enter"), " uses the voice  ", element("kbd", {}, "Esc"), " closes")));
    this.dialog.addEventListener("click", ({ target }) => target === this.dialog && this.dialog.close());
    this.dialog.addEventListener("close", () => {
      this.player.stop();
      this.#finder?.pause();
    });
  }

  /** Opens the dialog, with the current voice marked. */
  async open() {
    await this.styled;
    if (!this.dialog.isConnected) byId("dock").after(this.dialog);
    if (!this.dialog.open) this.dialog.showModal();
    this.voices.field.value = "";
    this.#say("");
    this.#turnTo(false);
    if (await this.#load()) this.#mark(this.controls.settings.voice);
  }

  /** Loads the list, and returns whether it could. */
  async #load() {
    this.dialog.setAttribute("aria-busy", "true");
    try {
      const { voices, install, ...choices } = await ask(at("voices/list.json"));
      this.#voices = voices;
      this.#choices = choices;
      this.findButton.hidden = !install;
      this.whoInstalls.hidden = Boolean(install);
      if (install) this.#finder ??= this.#createFinder(install);
      this.controls.refreshVoices(voices);
      this.#list();
      return true;
    } catch (error) {
      this.#report(error);
      return false;
    } finally {
      this.dialog.setAttribute("aria-busy", "false");
    }
  }

  /** @param {string} address */
  #createFinder(address) {
    const finder = new VoiceFinder(address, {
      nameOf: this.#nameOf,
      notify: (text, kind) => this.#say(text, kind),
      choose: async (id) => {
        this.#turnTo(false);
        this.voices.field.value = "";
        if (await this.#load()) this.#mark(id);
      },
      changed: () => this.#load(),
    });
    this.findView.append(finder.node);
    return finder;
  }

  /** Marks a voice and shows what it is. @param {string | null} id */
  #mark(id) {
    this.voices.listbox.activate(id);
    this.#showActive();
  }

  get #active() {
    return this.#voices.find(({ id }) => id === this.voices.listbox.active) ?? null;
  }

  #list() {
    const { voice: current } = this.controls.settings;
    const found = this.#voices.filter(({ id, name, language }) =>
      matches(this.voices.field.value, [id, name, language, this.#nameOf(language), this.#choices.favorites.includes(id) ? "favorite" : ""]));
    const groups = groupVoices(found, { ...this.#choices, current, nameOf: this.#nameOf });
    this.voices.listbox.show(groups.map(({ title, voices }) => ({
      title, options: voices.map((voice) => ({ id: voice.id, label: voice.name, badge: this.#badge(voice, current) })),
    })));
    setText(this.none, found.length || !this.#voices.length ? "" : "No installed voice matches.");
    this.#showActive();
  }

  /** @param {ListedVoice} voice @param {string | null} current */
  #badge({ id, language, speakers, default: ofServer }, current) {
    const { favorites, defaults } = this.#choices;
    return [
      id === current ? "in use" : "", favorites.includes(id) ? "★ favorite" : "",
      defaults[primary(language)] === id ? "your default" : "", ofServer ? "server’s default" : "",
      speakers.length ? `${speakers.length} speakers` : "", this.#region(language),
    ].filter(Boolean).join(", ");
  }

  /** @param {string} tag */
  #region(tag) {
    return tag.includes("-") ? this.#nameOf(tag) : "";
  }

  #showActive() {
    const voice = this.#active;
    this.details.hidden = !voice;
    if (!voice) return;
    const language = primary(voice.language);
    setText(this.facts, [voice.name, this.#nameOf(voice.language), ...costs(voice)].join(" · "));
    this.hearButton.setAttribute("aria-label", `hear a sample of ${voice.name}`);
    this.favoriteButton.ariaPressed = String(this.#choices.favorites.includes(voice.id));
    setText(this.defaultButton, `default for ${this.#nameOf(language)}`);
    this.defaultButton.ariaPressed = String(this.#choices.defaults[language] === voice.id);
    this.speakerBox.hidden = !voice.speakers.length;
    if (this.speakerBox.dataset.voice !== voice.id) {
      this.speakerBox.dataset.voice = voice.id;
      this.speakers.field.value = "";
      const { settings } = this.controls;
      this.#listSpeakers();
      this.speakers.listbox.activate(settings.voice === voice.id ? settings.speaker ?? DEFAULT_SPEAKER : DEFAULT_SPEAKER);
    }
  }

  #listSpeakers() {
    const found = (this.#active?.speakers ?? []).filter((name) => matches(this.speakers.field.value, [name]));
    const own = this.speakers.field.value ? [] : [{ id: DEFAULT_SPEAKER, label: "the voice’s own" }];
    this.speakers.listbox.show([{ title: "", options: [...own, ...found.map((name) => ({ id: name, label: name }))] }]);
  }

  get #speaker() {
    return this.#active?.speakers.length ? this.speakers.listbox.active || null : null;
  }

  #use() {
    const voice = this.#active;
    if (!voice) return;
    this.controls.choose({ voice: voice.id, speaker: this.#speaker });
    this.dialog.close();
  }

  async #hear() {
    const voice = this.#active;
    if (!voice) return;
    await this.player.play(() => send(at("voices/sample"), { voice: voice.id, speaker: this.#speaker }), voice.name);
  }

  /** @param {"favorite" | "default"} what */
  async #toggle(what) {
    const voice = this.#active;
    if (!voice) return;
    const pressed = (what === "favorite" ? this.favoriteButton : this.defaultButton).ariaPressed === "true";
    try {
      this.#choices = await send(at("voices/choose"), { voice: voice.id, [what]: !pressed });
      this.#list();
      const done = what === "favorite" ? "one of your favorites" : `your default for ${this.#nameOf(primary(voice.language))}`;
      this.#say(`${voice.name} is ${pressed ? "no longer " : ""}${done}.`);
    } catch (error) {
      this.#report(error);
    }
  }

  /** @param {boolean} finding */
  #turnTo(finding) {
    this.installedView.hidden = finding;
    this.findView.hidden = !finding;
    setText(this.findButton, finding ? "installed voices" : "find more voices");
    this.#say("");
    if (finding) this.#finder?.open();
    else {
      this.#finder?.pause();
      this.voices.field.focus();
    }
  }

  /** @param {string} text @param {MessageKind} kind */
  #say(text, kind = "notice") {
    this.message.dataset.kind = kind;
    say(this.message, text);
  }

  /** @param {unknown} error */
  #report(error) {
    if (!(error instanceof ApiError)) throw error;
    this.#say(error.message, "error");
  }
}
