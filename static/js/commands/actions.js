import { LONGEST_PASTE } from "../speech/split-text.js";
import { COMMANDS, parse } from "./slash-commands.js";

/**
 * @typedef {import("../speech/speech-document.js").SpeechDocument} SpeechDocument
 * @typedef {(argument: string) => boolean} CommandHandler runs a command, and returns whether it could
 * @typedef {Record<"help" | "voice" | "speed" | "theme" | "open" | "stop" | "pause" | "replay" | "save" | "find" | "explain" | "player" | "clear", CommandHandler>} CommandHandlers
 */

/** Further into a sentence or paragraph, "previous" goes to its beginning; in characters. */
const FAR = 25;

/** Implements every action once: the prompt, the keys, the palette and the log's buttons call it here. */
export class Actions {
  /**
   * @param {object} parts
   * @param {import("../speech/queue.js").Queue} parts.queue
   * @param {import("../ui/log.js").Log} parts.log
   * @param {import("../ui/status-bar.js").StatusBar} parts.status
   * @param {import("../ui/voice-controls.js").VoiceControls} parts.voiceControls
   * @param {import("../themes/lazy-themes.js").LazyThemes} parts.themes
   * @param {() => number} parts.limit returns the longest text of an utterance
   * @param {() => void} parts.refreshList called when the palette could list more
   * @param {(text: string) => void} parts.edit puts a text into the prompt
   * @param {(line: string) => void} parts.restore puts a line back into the prompt, if that is empty
   * @param {(typed: string) => void} parts.find opens the palette with a search text
   * @param {() => void} parts.openFile lets the user choose a file
   * @param {(url: string) => boolean} parts.openUrl returns whether the server opens URLs
   * @param {() => void} parts.openHelp
   * @param {() => void} parts.openVoices
   * @param {(text: string, voice: string | null) => void} parts.openReading shows how a text is read
   * @param {() => string} parts.typed returns the text in the prompt
   * @param {() => void} parts.openSettings opens the settings of the player
   * @param {(document: SpeechDocument) => void} parts.openMenu
   */
  constructor({ queue, log, status, voiceControls, themes, limit, refreshList, edit, restore, find, openFile, openUrl, openHelp, openVoices, openReading, typed, openSettings, openMenu }) {
    this.queue = queue;
    this.log = log;
    this.status = status;
    this.voiceControls = voiceControls;
    this.themes = themes;
    this.limit = limit;
    this.refreshList = refreshList;
    this.edit = edit;
    this.restore = restore;
    this.find = find;
    this.openVoices = openVoices;
    this.openReading = openReading;
    this.typed = typed;
    this.openSettings = openSettings;
    this.openMenu = openMenu;
    /** Sends a text with the plain form, where no WebSocket connects. @type {((text: string) => void) | null} */
    this.overHttp = null;
    /** @type {CommandHandlers} */
    this.commands = {
      help: () => did(openHelp()),
      voice: (name) => this.voice(name),
      speed: (speed) => this.speed(speed),
      theme: (argument) => did(this.theme(argument)),
      open: (url) => (url ? openUrl(url) : did(openFile())),
      stop: () => this.#report(this.stop()),
      pause: () => this.#report(this.pause()),
      replay: (number) => this.replay(number),
      save: (number) => this.save(number),
      find: (words) => did(this.find(words)),
      explain: (words) => this.explain(words),
      player: () => did(this.openSettings()),
      clear: () => did(this.clear()),
    };
  }

  /**
   * Speaks a line of the prompt, or runs its command.
   * @param {string} line
   * @param {number} [place] of a text among the queued documents; the end, if omitted
   * @returns {boolean} whether it succeeded; if not, the line stays in the prompt
   */
  enter(line, place) {
    const parsed = parse(line);
    if (parsed.kind === "nothing") return true;
    if (parsed.kind === "speak") return this.speak(parsed.text, place);
    if (parsed.kind === "command") return this.commands[parsed.name](parsed.argument.trim());
    const near = parsed.near ? `Did you mean /${parsed.near}?` : "Try /help.";
    return this.#refuse(`There is no command /${parsed.name}. ${near} To speak it, type //${parsed.name}.`);
  }

  /**
   * Queues a text as one document, in as many parts as its length needs.
   * @param {string} text
   * @param {number} [place] among the queued documents; the end, if omitted
   * @returns {boolean} whether it is queued; if not, it stays in the prompt
   */
  speak(text, place) {
    if (text.length > LONGEST_PASTE) {
      const [length, most] = [text.length, LONGEST_PASTE].map((count) => count.toLocaleString("en"));
      return this.#refuse(`The text has ${length} characters; at most ${most} at a time are allowed. Split it into smaller parts.`);
    }
    if (this.overHttp) {
      this.overHttp(text);
      return false;
    }
    const { queue } = this;
    queue.player.unlock(this.voiceControls.rate);
    const document = queue.create(text, this.limit());
    this.log.add(document);
    queue.add(document, place);
    if (place && document !== queue.documents.at(-1)) this.log.arrange(queue.documents);
    if (document.parts.length > 1) this.status.announce(`${document.parts.length} parts are queued.`);
    return true;
  }

  /**
   * Speaks a file's text from a character on, as one document.
   * @param {string} text
   * @param {number} from
   * @param {(document: SpeechDocument) => void} prepare called before the document is shown
   * @returns {SpeechDocument | null} null: there is no connection to speak it
   */
  openDocument(text, from, prepare) {
    if (this.overHttp) {
      this.#refuse("Without a WebSocket connection, files cannot be opened. Copy the text into the prompt.");
      return null;
    }
    const { queue } = this;
    queue.player.unlock(this.voiceControls.rate);
    const document = queue.create(text, this.limit());
    prepare(document);
    if (from) {
      const { part } = document.locate(from);
      for (const earlier of document.parts.slice(0, document.parts.indexOf(part))) if (!earlier.ended) earlier.move("stopped");
      document.position = from;
    }
    this.log.add(document);
    if (from) queue.jump(document, from);
    else queue.add(document);
    return document;
  }

  /**
   * Queues a text that a program sent.
   * @param {string} sender
   * @param {{text: string, voice: string | null, speed: number | null}} text null: the selection
   */
  speakFor(sender, { text, voice, speed }) {
    const settings = this.voiceControls.settings;
    const own = voice ? { voice, speaker: null } : {};
    const document = this.queue.create(text, this.limit(), { ...settings, ...own, speed: speed ?? settings.speed });
    document.sender = sender;
    this.log.add(document);
    this.queue.add(document);
    return document;
  }

  /**
   * Runs a button of the log.
   * @param {string} name
   * @param {SpeechDocument} document
   */
  act(name, document) {
    this.queue.player.unlock(document.current.rate);
    /** @type {Record<string, () => void>} */
    const actions = {
      again: () => this.queue.again(document),
      continue: () => this.jump(document, document.position),
      copy: () => this.copy(document.text),
      save: () => this.#download(document),
      edit: () => this.edit(document.text),
      remove: () => this.#drop(document),
      more: () => this.openMenu(document),
    };
    actions[name]();
  }

  /** Speaks a document from a character on, at once. @param {SpeechDocument} document @param {number} offset */
  jump(document, offset) {
    this.queue.player.unlock(document.current.rate);
    this.queue.jump(document, offset);
  }

  /**
   * Moves by a sentence, a paragraph or a chapter.
   * @param {1 | -1} by
   * @param {"sentence" | "paragraph" | "chapter"} unit
   */
  skip(by, unit) {
    const { latest } = this.queue;
    if (!latest?.structure) return;
    const { structure, position, outline } = latest;
    if (unit === "chapter") {
      const target = by > 0 ? outline.find(({ offset }) => offset > position) : outline.filter(({ offset }) => offset < position - FAR).at(-1);
      if (target) this.jump(latest, target.offset);
      else this.status.hint(outline.length ? `This is the ${by > 0 ? "last" : "first"} chapter.` : "This text has no chapters.", "notice");
      return;
    }
    const [start] = unit === "sentence" ? structure.sentenceAt(position) : structure.paragraphs[structure.paragraphAt(position)];
    const target = by < 0 && position > start + FAR ? start : structure.neighbor(position, by, unit);
    if (target !== null || by < 0) this.jump(latest, target ?? 0);
    else if (this.queue.documents.length > 1) this.queue.stop(latest);
    else this.status.hint(`This is the last ${unit}.`, "notice");
  }

  /** Copies a text. @param {string} text */
  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Without a secure context there is no clipboard, as for a phone on the local network.
      copyBySelection(text);
    }
    this.status.hint("Copied.", "notice");
  }

  /** Stops speaking and empties the queue. @returns {boolean} whether there was something to stop */
  stop() {
    if (!this.queue.items.length) return false;
    this.queue.stopAll();
    this.status.announce("Stopped.");
    return true;
  }

  /** Pauses, resumes, or continues after a stop. @returns {boolean} whether there was something to pause */
  pause() {
    const { queue } = this;
    if (!queue.items.length) return this.#continue();
    if (queue.paused) queue.resume();
    else queue.pause();
    this.status.announce(queue.paused ? "Paused." : "Resumed.");
    return true;
  }

  /** Speaks an utterance of the log again. @param {string} number empty: the last one */
  replay(number) {
    return this.#withDocument(number, (document) => did(this.act("again", document)));
  }

  /** Downloads a document of the log. @param {string} number empty: the last one */
  save(number) {
    return this.#withDocument(number, (document) => {
      if (document.state === "error") return this.#refuse("That text could not be spoken, so there is no audio to save.");
      this.#download(document);
      return true;
    });
  }

  /** Stops speaking and empties the log. */
  clear() {
    this.queue.stopAll();
    this.queue.stopped = [];
    this.log.clear();
    this.status.announce("The log is empty.");
  }

  /** Changes the voice. @param {string} name empty: opens the dialog */
  voice(name) {
    if (!name) return did(this.openVoices());
    if (!this.voiceControls.chooseVoice(name)) {
      return this.#refuse(`There is no voice "${name}". Available: ${this.voiceControls.voiceNames.join(", ")}.`);
    }
    return this.#describe();
  }

  /** Shows how a text is read. @param {string} words a text, or the number of an entry; empty: the prompt's text, or the last entry */
  explain(words) {
    const typed = this.typed().trim();
    const text = words || (typed.startsWith("/") ? "" : typed);
    const { documents } = this.log;
    const entry = words ? documents.find(({ number }) => String(number) === words) : documents.at(-1);
    if (entry && (words || !text)) return did(this.explainEntry(entry));
    if (!text) return this.#refuse("There is no text yet. Write one after /explain.");
    return did(this.openReading(text, this.voiceControls.settings.voice));
  }

  /** Shows how an entry of the log is read. @param {SpeechDocument} document */
  explainEntry(document) {
    this.openReading(document.text, (document.current.settings ?? this.voiceControls.settings).voice);
  }

  /** Changes the speed. @param {string} number empty: shows which it is */
  speed(number) {
    if (number && !this.voiceControls.chooseSpeed(number)) return this.#refuse("A speed is a number from 0.25 to 4, such as /speed 1.25.");
    return this.#describe();
  }

  /** Runs a `/theme` command; a line that is refused returns to the prompt. @param {string} argument */
  theme(argument) {
    this.themes.open(async (controller) => {
      const problem = await controller.runCommand(argument);
      if (!problem) return;
      this.restore(`/theme ${argument}`);
      this.#refuse(problem);
    });
  }

  /**
   * Returns the entries of the command palette.
   * @param {string} typed the search text
   * @returns {PaletteEntry[]}
   */
  list(typed) {
    /** @type {Record<string, string>} */
    const keys = { stop: "Esc", pause: "F8" };
    return [
      ...COMMANDS.filter(({ name }) => name !== "speed").map(({ name, description }) => ({
        label: description, keys: keys[name] ?? `/${name}`, run: () => this.commands[name](""),
      })),
      ...this.themes.list((argument) => this.theme(argument), typed ? this.refreshList : null),
      ...this.voiceControls.voiceNames.map((name) => ({ label: `voice ${name}`, keys: "/voice", run: () => this.voice(name) })),
      ...this.voiceControls.speeds.map((speed) => ({ label: `speed ${speed}`, keys: "/speed", run: () => this.speed(speed) })),
    ];
  }

  /**
   * @param {string} number
   * @param {(document: SpeechDocument) => boolean} use
   */
  #withDocument(number, use) {
    const known = this.log.documents;
    const wanted = Number(number);
    const document = number
      ? known.find((candidate) => candidate.number === wanted)
      : known.reverse().find((candidate) => ["done", "stopped"].includes(candidate.state));
    if (!document) return this.#refuse(number ? `There is no entry ${number} in the log.` : "Nothing has been spoken yet.");
    return use(document);
  }

  #continue() {
    const { queue } = this;
    if (!queue.stopped.length) return false;
    queue.player.unlock(queue.stopped[0].rate);
    queue.continue();
    this.status.announce("Continued.");
    return true;
  }

  #describe() {
    this.status.hint(`Speaking with ${this.voiceControls.describe()}.`, "notice");
    return true;
  }

  /** Reports a command that had nothing to act on. @param {boolean} acted */
  #report(acted) {
    if (!acted) this.status.hint("Nothing is being spoken.", "notice");
    return true;
  }

  /** @param {SpeechDocument} document */
  #drop(document) {
    this.queue.stop(document);
    this.status.announce(`Removed ${document.number}.`);
  }

  /** @param {SpeechDocument} document */
  #download(document) {
    // A queued part may have no voice assigned yet.
    const parts = document.parts.map(({ text, settings }) => ({ text, settings: settings ?? this.voiceControls.settings }));
    import("./download-wav.js").then(({ downloadWav }) => downloadWav(parts)).catch(
      (problem) => this.#refuse(problem instanceof RangeError ? problem.message : "The file could not be saved. Reload the page to try again."),
    );
    this.status.announce(`Entry ${document.number} is being saved as a WAV file.`);
  }

  /** @param {string} sentence */
  #refuse(sentence) {
    this.status.hint(sentence, "error");
    return false;
  }
}

/** Returns true: a command without a message has succeeded. @param {void} _done */
function did(_done) {
  return true;
}

/** @param {string} text */
function copyBySelection(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  const focused = document.activeElement;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
}
