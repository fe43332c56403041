import { at } from "../paths.js";
import { ApiError, send } from "../site-api.js";
import { normalized, splitRanges } from "../speech/split-text.js";
import { button, openDialog } from "../ui/controls.js";
import { byId, element, say, setText } from "../ui/dom.js";
import { loadStyles } from "../ui/styles.js";
import { SamplePlayer } from "../voices/sample-player.js";
import { languageNames } from "../voices/voice-facts.js";
import { CorrectionForm } from "./correction-form.js";
import { differs, phraseOf, sentencesOf } from "./written-words.js";

/**
 * Opens the dialog that shows how a text is read.
 * @param {string} text
 * @param {string | null} voice
 * @param {{limit: number, account: string | null}} page `limit`: the longest text that is read at once, in characters
 */
export async function openReading(text, voice, { limit, account }) {
  await loadStyles(byId("voice-button").dataset.styles ?? "");
  const whole = normalized(text);
  new ReadingDialog(splitRanges(whole, limit).map(([start, end]) => whole.slice(start, end)), voice, account).open();
}

class ReadingDialog {
  #part = 0;
  /** The word whose correction is open. */
  #phrase = "";
  #nameOf = languageNames();

  /** @param {string[]} parts of the text @param {string | null} voice @param {string | null} account */
  constructor(parts, voice, account) {
    this.parts = parts;
    this.voice = voice;
    this.account = account;
    this.message = element("p", { id: "reading-message", class: "message", role: "status" });
    this.player = new SamplePlayer((text, kind) => this.#say(text, kind));
    this.phonemesButton = button("phonemes", () => this.#togglePhonemes(), { "aria-pressed": "false" });
    this.phonemes = element("p", { class: "phonemes", lang: "und-fonipa", hidden: true });
    this.place = element("span", { class: "muted" });
    this.pages = element("p", { class: "action-row", hidden: parts.length < 2 },
      button("previous part", () => this.#turn(-1)), this.place, button("next part", () => this.#turn(1)));
    this.about = element("p", { class: "muted" });
    this.sentences = element("ol", { class: "sentences", "aria-label": "Sentences" });
    this.form = element("section", { class: "correction", "aria-labelledby": "correction-title", hidden: true });
    /** @type {HTMLDialogElement} */
    this.dialog = element("dialog", { id: "reading-dialog", class: "panel", "aria-labelledby": "reading-dialog-title" },
      element("div", { class: "panel-header" }, element("h2", { id: "reading-dialog-title", tabindex: "-1", autofocus: true }, "How this is read"),
        this.phonemesButton, button("close", () => this.dialog.close(), { label: "close how this is read" })),
      element("div", { class: "reading-view", tabindex: "0", role: "group", "aria-label": "Words" },
        this.about, this.pages, this.form, this.phonemes, this.sentences),
      element("div", { class: "panel-footer" }, this.message, this.player.node));
    this.dialog.addEventListener("click", ({ target }) => target === this.dialog && this.dialog.close());
    this.dialog.addEventListener("close", () => this.player.stop());
  }

  /** Opens the dialog, and requests the explanation of the first part. */
  open() {
    openDialog(this.dialog);
    return this.#load();
  }

  async #load() {
    const text = this.parts[this.#part];
    this.dialog.setAttribute("aria-busy", "true");
    setText(this.place, `part ${this.#part + 1} of ${this.parts.length}`);
    try {
      this.#show(text, await send(at("reading/explain"), { text, voice: this.voice }));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#say(error.message, "error");
    } finally {
      this.dialog.setAttribute("aria-busy", "false");
    }
  }

  /** @param {string} text @param {Explanation} explanation */
  #show(text, { words, phonemes, language }) {
    setText(this.about, `Read by the rules of ${this.#nameOf(language)}. Below a word is what is spoken and why. Press a word to correct it.`);
    setText(this.phonemes, `/${phonemes}/`);
    this.sentences.replaceChildren(...sentencesOf(text, words).map((sentence) =>
      element("li", {}, ...sentence.map((word) => this.#word(word, language)))));
  }

  /** @param {ExplainedWord & {written: string}} word @param {string} language */
  #word(word, language) {
    const { written, spoken, phonemes } = word;
    const kind = word.class === "word" ? "" : word.class;
    const said = phonemes ? `/${phonemes}/` : spoken;
    const shown = phonemes || differs(word);
    const node = button("", () => this.#correct(phraseOf(written), node), { class: "word" });
    node.append(hidden("correct "), element("span", { class: "written", dir: "auto" }, written),
      ...(shown ? [hidden(", read as "), element("span", { class: "spoken", dir: "auto", lang: phonemes ? "und-fonipa" : language }, said)] : []),
      ...(kind ? [hidden(", "), element("span", { class: "kind muted" }, kind)] : []));
    return node;
  }

  /** @param {string} phrase @param {HTMLElement} node */
  #correct(phrase, node) {
    this.#phrase = phrase;
    const title = element("h3", { id: "correction-title" }, `Correct “${phrase}”`);
    this.form.hidden = false;
    if (!this.account) {
      const link = element("a", { href: at("accounts/sign-in/") }, "Sign in");
      this.form.replaceChildren(title, element("p", {}, link, " to correct words: the corrections belong to your account, and apply in all its tabs."));
      link.focus();
      return;
    }
    const correction = new CorrectionForm(phrase, {
      notify: (text, kind) => this.#say(text, kind),
      hear: (request) => this.player.play(request, phrase),
      saved: async () => {
        this.#closeForm();
        await this.#load();
        this.#focusWord();
      },
      close: () => {
        this.#closeForm();
        node.focus();
      },
    });
    this.form.replaceChildren(title, correction.node);
    this.form.scrollIntoView({ block: "nearest" });
    correction.open();
  }

  #closeForm() {
    this.form.hidden = true;
    this.form.replaceChildren();
  }

  /** Focuses the corrected word, which was drawn again. */
  #focusWord() {
    const same = [...this.sentences.querySelectorAll("button")]
      .find((node) => phraseOf(node.querySelector(".written")?.textContent ?? "") === this.#phrase);
    (same ?? this.phonemesButton).focus();
  }

  #togglePhonemes() {
    this.phonemes.hidden = !this.phonemes.hidden;
    this.phonemesButton.ariaPressed = String(!this.phonemes.hidden);
  }

  /** @param {1 | -1} by */
  #turn(by) {
    this.#part = Math.max(0, Math.min(this.parts.length - 1, this.#part + by));
    this.#closeForm();
    return this.#load();
  }

  /** @param {string} text @param {MessageKind} kind */
  #say(text, kind = "notice") {
    this.message.dataset.kind = kind;
    say(this.message, text);
  }
}

/** Returns text for screen readers. @param {string} text */
function hidden(text) {
  return element("span", { class: "visually-hidden" }, text);
}
