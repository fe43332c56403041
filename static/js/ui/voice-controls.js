import { byId, element } from "./dom.js";

/** The header's controls of voice, speaker and speed, in step with the server's session. */
export class VoiceControls {
  /** @type {Voice[]} */
  #voices = [];
  #touched = false;
  /** @type {HTMLSelectElement | null} */
  #mirror = null;

  /** @param {() => void} onChange called when the user changes a control */
  constructor(onChange) {
    this.voice = byId("voice", HTMLSelectElement);
    this.speaker = byId("speaker", HTMLSelectElement);
    this.speed = byId("speed", HTMLSelectElement);
    this.onChange = onChange;
    for (const select of [this.voice, this.speaker, this.speed]) {
      select.addEventListener("change", () => this.#chosen(select === this.voice));
    }
  }

  /**
   * Returns the current selection.
   * @returns {VoiceSettings}
   */
  get settings() {
    return {
      voice: this.voice.value || null,
      speaker: this.speaker.value || null,
      speed: Number(this.speed.value) || null,
    };
  }

  /** Returns the chosen voice's samples per second, known before the first message; 0 without a voice. */
  get rate() {
    return Number(this.voice.selectedOptions[0]?.dataset.rate) || 0;
  }

  /** Returns the ids of the voices. */
  get voiceNames() {
    return [...this.voice.options].map((option) => option.value);
  }

  /** Returns the speeds that are listed. */
  get speeds() {
    return [...this.speed.options].map((option) => option.value);
  }

  /** Returns the language of a voice; empty if it is not installed. @param {string | null} id */
  languageOf(id) {
    return this.#voices.find((voice) => voice.id === id)?.language ?? "";
  }

  /** Describes the current selection. */
  describe() {
    const { speaker, speed } = this.settings;
    const name = this.voice.selectedOptions[0]?.textContent ?? "no voice";
    return `${name}${speaker ? `, ${speaker}` : ""}, at ${speed}×`;
  }

  /**
   * Chooses a voice by its id or name; a second word is its speaker.
   * @param {string} words
   * @returns {boolean} whether the voice exists
   */
  chooseVoice(words) {
    const [wanted, speaker] = words.split(/\s+/);
    const same = (/** @type {string} */ text) => text.toLowerCase() === wanted.toLowerCase();
    const option = [...this.voice.options].find(({ value, textContent }) => same(value) || same(textContent));
    if (!option) return false;
    this.voice.value = option.value;
    this.#listSpeakers();
    if (speaker) this.speaker.value = speaker;
    this.#chosen(false);
    return !speaker || this.speaker.value === speaker;
  }

  /** Selects a voice and its speaker; null: the voice's own. @param {{voice: string, speaker: string | null}} selection */
  choose({ voice, speaker }) {
    this.voice.value = voice;
    this.#listSpeakers();
    this.speaker.value = speaker ?? "";
    this.#chosen(false);
  }

  /** Lists other voices, after one was installed; the selection stays. @param {Voice[]} voices */
  refreshVoices(voices) {
    const { voice, speaker } = this.settings;
    this.#voices = voices;
    this.#listVoices();
    this.voice.value = voice ?? "";
    this.#listSpeakers();
    this.speaker.value = speaker ?? "";
  }

  /** Selects a speed. @param {string} words such as `1.25` or `1,5x` @returns {boolean} whether it is valid */
  chooseSpeed(words) {
    const speed = Number(words.replace(/[x×]$/, "").replace(",", "."));
    if (!(speed >= 0.25 && speed <= 4)) return false;
    this.#showSpeed(speed);
    this.#chosen(false);
    return true;
  }

  /** Returns a second control of the speed, in step with the first. */
  mirrorSpeed() {
    const mirror = /** @type {HTMLSelectElement} */ (this.speed.cloneNode(true));
    mirror.removeAttribute("name");
    mirror.removeAttribute("form");
    mirror.id = "player-speed";
    mirror.ariaLabel = "Speed";
    mirror.value = this.speed.value;
    mirror.addEventListener("change", () => this.chooseSpeed(mirror.value));
    this.#mirror = mirror;
    return mirror;
  }

  /**
   * Lists the session's voices.
   * @param {SessionCreated} session
   * @returns {boolean} whether the user changed the selection while disconnected
   */
  loadVoices({ voices, voice, speaker, speed }) {
    this.#voices = voices;
    const chosen = this.settings;
    this.#listVoices();
    if (this.#touched && voices.some(({ id }) => id === chosen.voice)) {
      this.applyServerState(chosen);
      return true;
    }
    this.applyServerState({ voice, speaker, speed });
    return false;
  }

  /** Shows the settings of the server's session. @param {VoiceSettings} session */
  applyServerState({ voice, speaker, speed }) {
    this.voice.value = voice ?? "";
    this.#listSpeakers();
    this.speaker.value = speaker ?? "";
    this.#showSpeed(speed ?? 1);
  }

  /** @param {boolean} voiceChanged */
  #chosen(voiceChanged) {
    if (voiceChanged) this.#listSpeakers();
    if (this.#mirror) showOption(this.#mirror, Number(this.speed.value));
    this.#touched = true;
    this.onChange();
  }

  #listVoices() {
    const several = new Set(this.#voices.map(({ language }) => language)).size > 1;
    this.voice.replaceChildren(...this.#voices.map(({ id, name, language, sample_rate: rate }) =>
      element("option", { value: id, dir: "auto", "data-rate": String(rate) }, several ? `${name} ${language}` : name)));
  }

  #listSpeakers() {
    const speakers = this.#voices.find(({ id }) => id === this.voice.value)?.speakers ?? [];
    const byDefault = speakers.length ? [element("option", { value: "" }, "default")] : [];
    this.speaker.replaceChildren(...byDefault, ...speakers.map((name) => element("option", { value: name, dir: "auto" }, name)));
    this.speaker.disabled = speakers.length === 0;
    if (this.speaker.parentElement) this.speaker.parentElement.hidden = speakers.length === 0;
  }

  /** @param {number} speed */
  #showSpeed(speed) {
    for (const select of [this.speed, this.#mirror]) if (select) showOption(select, speed);
  }
}

/** Selects a speed, which may not be listed yet. @param {HTMLSelectElement} select @param {number} speed */
function showOption(select, speed) {
  const options = [...select.options];
  let option = options.find(({ value }) => Number(value) === speed);
  if (!option) {
    option = element("option", { value: String(speed) }, `${speed}×`);
    select.insertBefore(option, options.find(({ value }) => Number(value) > speed) ?? null);
  }
  option.selected = true;
}
