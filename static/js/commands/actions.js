import { COMMANDS, parse } from "./slash-commands.js";
import { downloadWav } from "./download-wav.js";
import { LONGEST_PASTE, splitText } from "../speech/split-text.js";

/** Everything that can be done, once: the prompt, the keys, the palette and the log's buttons all call it here. */
export class Actions {
  /**
   * @param {{queue: import("../speech/queue.js").Queue, log: import("../ui/log.js").Log, status: import("../ui/status-bar.js").StatusBar,
   *   voiceControls: import("../ui/voice-controls.js").VoiceControls, limit: () => number, help: () => void, edit: (text: string) => void, giveBack: (line: string) => void,
   *   relist: () => void,
   *   themes: LazyThemes}} parts
   */
  constructor(parts) {
    Object.assign(this, parts);
  }

  /** A line from the prompt. @returns {boolean} whether it was taken; if not, it stays there */
  enter(line) {
    const meant = parse(line);
    if (meant.kind === "speak") return this.speak(meant.text);
    if (meant.kind === "command") return this[meant.name](meant.argument.trim()) ?? true;
    const near = meant.near ? `Did you mean /${meant.near}?` : "Try /help.";
    return this.#refuse(`There is no command /${meant.name}. ${near} To speak it, type //${meant.name}.`);
  }

  speak(text) {
    if (text.length > LONGEST_PASTE) {
      const [length, most] = [text.length, LONGEST_PASTE].map((count) => count.toLocaleString("en"));
      return this.#refuse(`That is ${length} characters; ${most} at a time are what I can take. Cut it into smaller parts.`);
    }
    const { queue } = this;
    queue.player.unlock(this.voiceControls.rate);
    const texts = splitText(text, this.limit());
    // A long reading follows the chosen voice as it goes on; a single line is spoken as it was meant when typed.
    const utterances = texts.map((piece) => queue.create(piece, texts.length > 1 ? null : this.voiceControls.settings));
    this.log.add(utterances);
    queue.add(...utterances);
    if (texts.length > 1) this.status.announce(`${texts.length} parts are waiting.`);
    return true;
  }

  /** A button in the log. */
  act(name, utterance) {
    this.queue.player.unlock(utterance.rate);
    const done = {
      again: () => this.queue.again(utterance),
      copy: () => this.copy(utterance),
      save: () => downloadWav(utterance),
      edit: () => this.edit(utterance.text),
      pause: () => this.pause(),
      stop: () => this.queue.stop(utterance),
      remove: () => this.queue.stop(utterance),
    };
    done[name]();
  }

  async copy({ text }) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Without a secure context there is no clipboard: a phone on the local network takes this way.
      copyBySelection(text);
    }
    this.status.hint("Copied.", "notice");
  }

  stop() {
    if (!this.queue.items.length) return;
    this.queue.stopAll();
    this.status.announce("Stopped.");
  }

  pause() {
    const { queue } = this;
    if (!queue.items.length) return;
    if (queue.paused) queue.resume();
    else queue.pause();
    this.status.announce(queue.paused ? "Paused." : "Going on.");
  }

  replay(number) {
    return this.#withUtterance(number, (utterance) => this.act("again", utterance));
  }

  save(number) {
    return this.#withUtterance(number, (utterance) => {
      if (utterance.state === "error") return this.#refuse("That one could not be spoken, so there is nothing to save.");
      // One that waits has no voice of its own yet.
      return downloadWav({ text: utterance.text, settings: utterance.settings ?? this.voiceControls.settings });
    });
  }

  clear() {
    this.queue.stopAll();
    this.log.clear();
  }

  voice(name) {
    if (!name) this.status.hint(`Speaking with ${this.voiceControls.describe()}.`, "notice");
    else if (!this.voiceControls.chooseVoice(name)) {
      return this.#refuse(`There is no voice "${name}". There is: ${this.voiceControls.voiceNames.join(", ")}.`);
    }
    return true;
  }

  speed(number) {
    if (!number) this.status.hint(`Speaking with ${this.voiceControls.describe()}.`, "notice");
    else if (!this.voiceControls.chooseSpeed(number)) return this.#refuse("A speed is a number from 0.25 to 4, such as /speed 1.25.");
    return true;
  }

  theme(argument) {
    this.themes.open(async (controller) => {
      const wrong = await controller.runCommand(argument);
      if (!wrong) return;
      this.giveBack(`/theme ${argument}`);
      this.#refuse(wrong);
    });
    return true;
  }

  /** What the palette lists. @param {string} typed what is looked for @returns {{label: string, keys: string, run: () => void}[]} */
  list(typed) {
    const keys = { stop: "Esc", pause: "F8" };
    return [
      ...COMMANDS.filter(({ name }) => !["voice", "speed"].includes(name)).map(({ name, says }) => ({
        label: says, keys: keys[name] ?? `/${name}`, run: () => this[name](""),
      })),
      ...this.themes.list((argument) => this.theme(argument), typed ? this.relist : null),
      ...this.voiceControls.voiceNames.map((name) => ({ label: `voice ${name}`, keys: "/voice", run: () => this.voice(name) })),
      ...this.voiceControls.speeds.map((speed) => ({ label: `speed ${speed}`, keys: "/speed", run: () => this.speed(speed) })),
    ];
  }

  #withUtterance(number, use) {
    const known = this.log.utterances;
    const wanted = Number(number);
    const utterance = number
      ? known.find((candidate) => candidate.number === wanted)
      : known.reverse().find((candidate) => ["done", "stopped"].includes(candidate.state));
    if (!utterance) return this.#refuse(number ? `There is no number ${number} in the log.` : "Nothing has been spoken yet.");
    return use(utterance) ?? true;
  }

  #refuse(sentence) {
    this.status.hint(sentence, "error");
    return false;
  }
}

function copyBySelection(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  const focused = document.activeElement;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
  focused?.focus();
}
