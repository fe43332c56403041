import { byId, element } from "./dom.js";

/** Voice, speaker and speed: what is chosen in the header, and what the server holds for this session. */
export class VoiceControls {
  #voices = [];
  #touched = false;

  /** @param {() => void} onChange a person chose */
  constructor(onChange) {
    this.voice = byId("voice");
    this.speaker = byId("speaker");
    this.speed = byId("speed");
    this.onChange = onChange;
    for (const select of [this.voice, this.speaker, this.speed]) {
      select.addEventListener("change", () => this.#chosen(select === this.voice));
    }
  }

  get settings() {
    return {
      voice: this.voice.value || null,
      speaker: this.speaker.value || null,
      speed: Number(this.speed.value) || null,
    };
  }

  /** Samples a second of the chosen voice, known before the first word from the server. */
  get rate() {
    return Number(this.voice.selectedOptions[0]?.dataset.rate) || 0;
  }

  get voiceNames() {
    return [...this.voice.options].map((option) => option.value);
  }

  get speeds() {
    return [...this.speed.options].map((option) => option.value);
  }

  describe() {
    const { speaker, speed } = this.settings;
    const name = this.voice.selectedOptions[0]?.textContent ?? "no voice";
    return `${name}${speaker ? `, ${speaker}` : ""}, at ${speed}×`;
  }

  /** @returns {boolean} whether there is such a voice; a second word is its speaker */
  chooseVoice(words) {
    const [wanted, speaker] = words.split(/\s+/);
    const same = (text) => text.toLowerCase() === wanted.toLowerCase();
    const option = [...this.voice.options].find(({ value, textContent }) => same(value) || same(textContent));
    if (!option) return false;
    this.voice.value = option.value;
    this.#listSpeakers();
    if (speaker) this.speaker.value = speaker;
    this.#chosen(false);
    return !speaker || this.speaker.value === speaker;
  }

  /** @returns {boolean} whether it is a speed */
  chooseSpeed(words) {
    const speed = Number(words.replace(/[x×]$/, "").replace(",", "."));
    if (!(speed >= 0.25 && speed <= 4)) return false;
    this.#showSpeed(speed);
    this.#chosen(false);
    return true;
  }

  /** @returns {boolean} whether the server must be told what was chosen while it was away */
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

  /** Show what the server holds. */
  applyServerState({ voice, speaker, speed }) {
    this.voice.value = voice;
    this.#listSpeakers();
    if (speaker) this.speaker.value = speaker;
    this.#showSpeed(speed);
  }

  #chosen(voiceChanged) {
    if (voiceChanged) this.#listSpeakers();
    this.#touched = true;
    this.onChange();
  }

  #listVoices() {
    const several = new Set(this.#voices.map(({ language }) => language)).size > 1;
    this.voice.replaceChildren(...this.#voices.map(({ id, name, language, sample_rate: rate }) =>
      element("option", { value: id, "data-rate": String(rate) }, several ? `${name} ${language}` : name)));
  }

  #listSpeakers() {
    const speakers = this.#voices.find(({ id }) => id === this.voice.value)?.speakers ?? [];
    this.speaker.replaceChildren(...speakers.map((name) => element("option", { value: name }, name)));
    this.speaker.disabled = speakers.length === 0;
    this.speaker.parentElement.hidden = speakers.length === 0;
  }

  #showSpeed(speed) {
    const options = [...this.speed.options];
    let option = options.find(({ value }) => Number(value) === speed);
    if (!option) {
      option = element("option", { value: String(speed) }, `${speed}×`);
      this.speed.insertBefore(option, options.find(({ value }) => Number(value) > speed) ?? null);
    }
    option.selected = true;
  }
}
