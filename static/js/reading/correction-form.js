import { at } from "../paths.js";
import { ApiError, ask, sendForm } from "../site-api.js";
import { button } from "../ui/controls.js";
import { element } from "../ui/dom.js";

const ADDRESS = "accounts/pronunciation/";

/** A small form that corrects a word in the account's pronunciation dictionary. */
export class CorrectionForm {
  #token = "";
  /** Resolves when the CSRF token has arrived. @type {Promise<void>} */
  #opened = Promise.resolve();
  /** The entry that is there already. @type {Pronunciation | null} */
  #entry = null;

  /**
   * @param {string} phrase
   * @param {object} page
   * @param {(text: string, kind?: MessageKind) => void} page.notify
   * @param {(request: () => Promise<{audio: string}>) => void} page.hear plays a recording
   * @param {() => void} page.saved called when the dictionary has changed
   * @param {() => void} page.close
   */
  constructor(phrase, { notify, hear, saved, close }) {
    this.notify = notify;
    this.hear = hear;
    this.saved = saved;
    this.phrase = field("phrase", "word or phrase", phrase);
    this.respelling = field("respelling", "say it like", "", "ack-me");
    this.ipa = field("ipa", "or in IPA", "", "ˈækmi");
    this.caseSensitive = checkbox("case_sensitive");
    this.wholeWord = checkbox("whole_word");
    this.wholeWord.checked = true;
    this.deleteButton = button("delete the correction", () => this.#send({ delete: String(this.#entry?.id) }), { hidden: true });
    this.node = element("form", { class: "correction-form" }, ...[this.phrase, this.respelling, this.ipa].map(labeled),
      element("p", { class: "action-row" }, checkboxLabel(this.wholeWord, "whole words only"), checkboxLabel(this.caseSensitive, "upper and lower case as written")),
      element("p", { class: "muted" }, "It applies to your account, in all tabs and programs."),
      element("p", { class: "action-row" }, element("button", { class: "primary" }, "save"), button("hear it", () => this.#hear()),
        this.deleteButton, button("back", close)));
    this.node.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send(this.#fields);
    });
    this.node.addEventListener("input", () => this.#mark(null));
  }

  /** Fills in the entry that is there already, and focuses the first field. */
  open() {
    this.respelling.focus();
    this.#opened = this.#load();
  }

  async #load() {
    try {
      const { entries, csrf_token: token } = await ask(at(`${ADDRESS}word.json?${new URLSearchParams({ phrase: this.phrase.value })}`));
      this.#token = token;
      const entry = entries.find((/** @type {Pronunciation} */ { language, voice }) => !language && !voice);
      if (!entry || this.respelling.value || this.ipa.value) return;
      this.#entry = entry;
      this.phrase.value = entry.phrase;
      this.respelling.value = entry.respelling;
      this.ipa.value = entry.ipa;
      this.caseSensitive.checked = entry.case_sensitive;
      this.wholeWord.checked = entry.whole_word;
      this.deleteButton.hidden = false;
    } catch (error) {
      this.#report(error);
    }
  }

  get #fields() {
    return {
      phrase: this.phrase.value, respelling: this.respelling.value, ipa: this.ipa.value, language: "", voice: "",
      ...(this.caseSensitive.checked ? { case_sensitive: "on" } : {}), ...(this.wholeWord.checked ? { whole_word: "on" } : {}),
    };
  }

  #hear() {
    const fields = this.#fields;
    this.hear(async () => {
      await this.#opened;
      try {
        return await sendForm(at(`${ADDRESS}word/hear`), fields, this.#token);
      } catch (error) {
        this.#mark(error instanceof ApiError ? error.param : null);
        throw error;
      }
    });
  }

  /** @param {Record<string, string>} fields */
  async #send(fields) {
    await this.#opened;
    try {
      const { entry } = await sendForm(at(`${ADDRESS}word.json`), fields, this.#token);
      this.notify(entry ? `${entry.phrase} is saved. All your tabs now use this pronunciation.` : "The correction is deleted.");
      this.saved();
    } catch (error) {
      this.#report(error);
    }
  }

  /** @param {unknown} error */
  #report(error) {
    if (!(error instanceof ApiError)) throw error;
    this.notify(error.message, "error");
    this.#mark(error.param);
  }

  /** Marks the wrong field. @param {string | null} name */
  #mark(name) {
    for (const each of [this.phrase, this.respelling, this.ipa]) {
      each.ariaInvalid = each.name === name ? "true" : null;
      if (each.name === name) each.focus();
    }
  }
}

/** @param {string} name @param {string} label @param {string} value @param {string} placeholder */
function field(name, label, value, placeholder = "") {
  return element("input", {
    id: `correction-${name}`, name, value, placeholder, type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false", "data-label": label,
    "aria-describedby": "reading-message",
  });
}

/** @param {HTMLInputElement} input */
function labeled(input) {
  return element("p", { class: "field" }, element("label", { for: input.id }, input.dataset.label ?? ""), input);
}

/** @param {string} name */
function checkbox(name) {
  return element("input", { name, type: "checkbox" });
}

/** @param {HTMLInputElement} input @param {string} text */
function checkboxLabel(input, text) {
  return element("label", { class: "check" }, input, text);
}
