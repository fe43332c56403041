import { Actions } from "./commands/actions.js";
import { Connection } from "./connection.js";
import { FileInput } from "./documents/file-input.js";
import { withReference } from "./correlation.js";
import { exposeState } from "./debug.js";
import { at } from "./paths.js";
import { Player } from "./audio/player.js";
import { PlaybackLoop } from "./speech/playback-loop.js";
import { Queue } from "./speech/queue.js";
import { SentTexts } from "./speech/sent-texts.js";
import { LazyThemes } from "./themes/lazy-themes.js";
import { ThemePainter } from "./themes/theme-painter.js";
import { dispatchMessage, resumeDevice, ThemeStore } from "./themes/state/theme-store.js";
import { byId, element, hide, query, setText } from "./ui/dom.js";
import { Log } from "./ui/log.js";
import { Prompt } from "./ui/prompt.js";
import { listenForShortcuts } from "./ui/shortcuts.js";
import { StatusBar } from "./ui/status-bar.js";
import { VoiceControls } from "./ui/voice-controls.js";

/** The response that sets the new cookies, in the tab in which the user signed in, may arrive shortly after the message. */
const COOKIES_MS = 700;
/** Failed tries to connect, in a row, before the server is asked for the reason over HTTP. */
const MAX_FAILURES = 2;
/** The theme properties that affect the layout of text. */
const TEXT_PROPERTY = /^--(font|size|line)$/;

/** The page: builds its parts, routes the server's messages to them, and shows what they report. */
export class App {
  /** @type {Limits} */
  #limits = { text: Number(byId("prompt").dataset.limit) || 1000, queue: 4 };
  /** Whether the last utterance failed, until the user types again. */
  #failed = false;
  /** The error that was announced last: an utterance may change again after its failure. @type {ServerError | null} */
  #announced = null;
  /** Loaded at the first key or touch. @type {Promise<import("./ui/command-palette.js").CommandPalette> | null} */
  #palette = null;
  /** Consecutive failures to connect. */
  #failures = 0;
  /** Consecutive answers of the server over HTTP meanwhile. A single answer may be of a server that has just started. */
  #answers = 0;
  /** Whether the hint says why the server refused this tab. */
  #refused = false;
  /** Whether the theme that is being applied changes the text's layout. */
  #reflows = false;
  /** Loaded at the first key or touch. @type {import("./ui/player-bar.js").PlayerBar | null} */
  bar = null;
  #loadingBar = false;
  /** When the server first accepted the session, in ms since the navigation. @type {number | undefined} */
  connectedAt;

  constructor() {
    const systemLight = matchMedia("(prefers-color-scheme: light)");
    /** @type {Send} */
    this.send = (type, fields) => this.connection.send(type, fields);
    this.status = new StatusBar(() => this.connection.open());
    this.voiceControls = new VoiceControls(() => {
      this.send("session.update", this.voiceControls.settings);
      this.queue.applySettings();
    });
    this.connection = this.#createConnection();
    this.queue = this.#createQueue();
    this.themeStore = new ThemeStore({ prefersDark: !systemLight.matches });
    this.themes = this.#createThemes(systemLight);
    this.log = new Log(byId("log-entries"), byId("welcome"), {
      act: (name, document) => this.actions.act(name, document),
      jump: (document, offset) => this.actions.jump(document, offset),
      languageOf: ({ current }) => this.voiceControls.languageOf((current.settings ?? this.voiceControls.settings).voice),
      onForget: ({ parts }) => parts.forEach((part) => this.queue.replayCache.remove(part)),
    });
    this.playback = new PlaybackLoop(this.queue, (part, sample) => {
      this.log.paint(part, sample);
      this.bar?.paint(part, sample);
    });
    this.actions = this.#createActions();
    this.files = new FileInput(this);
    this.sentTexts = this.#createSentTexts();
    this.prompt = this.#createPrompt();
  }

  /** Listens to the user and connects. */
  start() {
    listenForShortcuts({
      stop: () => this.actions.stop(), pause: () => this.actions.pause(), skip: (by, unit) => this.actions.skip(by, unit),
      palette: () => this.#togglePalette(), type: () => this.prompt.focus(),
    });
    this.#listenToControls();
    this.#listenToPage();
    exposeState(this);
    this.connection.wake();
  }

  #createConnection() {
    return new Connection(`${location.protocol.replace("http", "ws")}//${location.host}${at("ws/terminal/")}`, {
      onState: () => {
        this.#connectionChanged();
        if (!this.connection.connected) this.queue.disconnected();
        this.#showState();
      },
      onMessage: (message) => this.#receive(message),
      onAudio: (frame) => this.queue.audio(frame),
    });
  }

  #createQueue() {
    return new Queue({
      send: this.send,
      settings: () => this.voiceControls.settings,
      createPlayer: (items, handlers) => new Player(items, handlers),
      spoken: byId("log-entries").children.length,
      handlers: {
        onChange: (utterance) => this.#utteranceChanged(utterance),
        onBlocked: (blocked) => {
          hide(byId("unblock-audio"), !blocked, byId("prompt"));
          this.#showState();
          if (blocked) this.status.announce("The browser blocks audio. Press any key to play it.");
        },
        onHold: (seconds, message) => this.status.hold(seconds, message),
      },
    });
  }

  /** @param {MediaQueryList} systemLight */
  #createThemes(systemLight) {
    const store = this.themeStore;
    /** @type {Frame} A hidden page gets no frames, but must be current when it is shown. */
    const frame = (draw) => (document.hidden ? draw() : requestAnimationFrame(draw));
    resumeDevice(store, this.send);
    systemLight.addEventListener("change", () => store.dispatch({ type: "system.changed", prefersDark: !systemLight.matches }));
    new ThemePainter(store, {
      frame,
      setProperty: (name, value) => {
        document.documentElement.style.setProperty(name, value);
        // Colors lay out no text, and to measure would compute all styles twice.
        this.#reflows ||= TEXT_PROPERTY.test(name);
      },
      onPainted: (theme) => this.#themePainted(theme),
    });
    return new LazyThemes({ store, send: this.send, status: this.status, frame });
  }

  /** Empties the prompt. */
  clear() {
    this.prompt.edit("");
  }

  #createActions() {
    return new Actions({
      queue: this.queue,
      log: this.log,
      status: this.status,
      voiceControls: this.voiceControls,
      themes: this.themes,
      limit: () => this.#limits.text,
      refreshList: () => this.#palette?.then((palette) => palette.refresh()),
      edit: (text) => this.prompt.edit(text),
      restore: (line) => this.prompt.isEmpty && this.prompt.edit(line),
      find: (typed) => this.#openPalette(typed),
      openFile: () => this.files.choose(),
      openUrl: (url) => this.files.openUrl(url),
      openHelp: () => this.#open(import("./ui/help-dialog.js"), ({ openHelp }) => openHelp()),
      openVoices: () => this.#open(import("./voices/voice-dialog.js"), ({ openVoices }) => openVoices(this.voiceControls)),
      openReading: (text, voice) => this.#open(import("./reading/reading-dialog.js"),
        ({ openReading }) => openReading(text, voice, { limit: this.#limits.text, account: this.themeStore.state.account })),
      typed: () => byId("prompt", HTMLTextAreaElement).value,
      openSettings: () => this.#open(import("./ui/player-settings.js"),
        ({ openPlayerSettings }) => this.bar && openPlayerSettings(this, this.bar.media)),
      openMenu: (document) => this.#open(import("./ui/entry/entry-menu.js"), ({ openEntryMenu }) => openEntryMenu(document, this)),
    });
  }

  #createSentTexts() {
    return new SentTexts({
      send: this.send,
      speak: (text, sender) => this.actions.speakFor(sender, text),
      stop: (document) => this.queue.stop(document),
    });
  }

  #createPrompt() {
    return new Prompt({
      enter: (line, next) => this.actions.enter(line, next ? 1 : undefined),
      hint: (text) => this.status.hint(text),
      announce: (text) => this.status.announce(text),
      limit: () => this.#limits.text,
      choices: () => ({
        voice: this.voiceControls.voiceNames,
        speed: this.voiceControls.speeds,
        theme: (argument) => this.themes.choices(argument, () => this.prompt.hintAgain()),
      }),
      onInput: () => {
        this.#failed = false;
        this.#showState();
      },
    });
  }

  #connectionChanged() {
    if (this.connection.connected) {
      this.connectedAt ??= performance.now();
      this.#failures = this.#answers = 0;
      this.status.fault = "";
      this.actions.overHttp = null;
    } else if (this.connection.state === "waiting" && !this.#refused && !this.status.fault) {
      this.#failures += 1;
      if (this.#failures >= MAX_FAILURES) this.#diagnose();
    }
    this.status.connection(this.connection);
  }

  /** Asks the server over HTTP why no WebSocket connects; if HTTP works, texts are sent with the plain form. */
  async #diagnose() {
    const answer = await fetch(at("ws/terminal/"), { method: "POST" }).then((response) => response.json()).catch(() => null);
    this.#answers = answer?.message ? this.#answers + 1 : 0;
    if (this.#answers < 2 || this.connection.connected || this.status.fault) return;
    this.status.fault = answer.summary;
    this.status.connection(this.connection);
    this.status.hint(answer.message, "error");
    if (!answer.form) return;
    this.prompt.takeBack(this.queue.documents.map(({ text }) => text));
    this.actions.stop();
    this.actions.overHttp = (text) => this.prompt.submit(text);
  }

  /** @param {ServerMessage} message */
  #receive(message) {
    if (dispatchMessage(this.themeStore, message)) return;
    switch (message.type) {
      case "session.created":
        this.#sessionCreated(message);
        break;
      case "session.changed":
        this.connection.sleep();
        setTimeout(() => this.connection.wake(), COOKIES_MS);
        break;
      case "session.updated":
        this.voiceControls.applyServerState(message);
        break;
      case "say.created":
      case "say.cancelled":
        this.sentTexts.receive(message);
        break;
      case "error":
        if (message.id === undefined) {
          this.#refused = !this.connection.connected;
          this.status.hint(withReference(message), "error");
          break;
        }
        this.queue.receive(message);
        break;
      default:
        if ("id" in message) this.queue.receive(message);
    }
  }

  /** @param {SessionCreated} message */
  #sessionCreated(message) {
    this.#limits = message.limits;
    if (this.voiceControls.loadVoices(message)) this.send("session.update", this.voiceControls.settings);
    this.queue.connected(message.limits);
    this.sentTexts.connected(message.account);
    // Without a connection, the modules of the log and the player could not be loaded.
    if (this.queue.items.length) this.#loadOnUse();
    if (this.#refused) this.status.hint("");
    this.#refused = false;
  }

  /** @param {import("./speech/utterance.js").Utterance} utterance */
  #utteranceChanged(utterance) {
    this.log.update(utterance, this.queue.items);
    this.sentTexts.changed(utterance.document);
    if (utterance.state === "error" && utterance.error && utterance.error !== this.#announced) {
      this.#announced = utterance.error;
      this.#failed = true;
      this.status.announce(withReference(utterance.error));
    }
    this.#showState();
    if (!this.queue.items.length) return;
    this.#loadBar();
    this.playback.start();
  }

  /** @param {ThemeDocument} theme */
  #themePainted({ name, colors }) {
    if (this.#reflows) this.prompt.grow();
    this.#reflows = false;
    const label = byId("theme-button").lastElementChild;
    if (label) setText(label, name);
    query(document, "meta[name=theme-color]", HTMLMetaElement).content = colors.background;
  }

  #showState() {
    const { items, player } = this.queue;
    this.status.queue(!items.length);
    this.bar?.update();
    const [current] = items;
    if (current?.state === "queued" || current?.state === "processing") {
      this.status.voice("processing", this.connection.connected ? undefined : "waiting for the connection");
    } else if (current) this.status.voice(current.state, current.state === "speaking" && player.blocked ? "muted by the browser" : undefined);
    else if (this.#failed) this.status.voice("error");
    else this.status.voice(this.prompt.isListening ? "listening" : "idle");
  }

  /** Loads the player bar with its style sheet, once. */
  #loadBar() {
    if (this.#loadingBar) return;
    this.#loadingBar = true;
    const styles = element("link", { rel: "stylesheet", href: byId("dock").dataset.styles ?? "" });
    const loaded = new Promise((resolve, reject) => {
      styles.addEventListener("load", resolve);
      styles.addEventListener("error", reject);
    });
    document.head.append(styles);
    Promise.all([import("./ui/player-bar.js"), loaded]).then(([{ PlayerBar }]) => {
      this.bar = new PlayerBar(this);
      this.#showState();
    }).catch(() => {
      styles.remove();
      this.#loadingBar = false;
    });
  }

  /**
   * Opens a dialog whose module is loaded on demand.
   * @template T
   * @param {Promise<T>} module
   * @param {(module: T) => void} open
   */
  #open(module, open) {
    module.then(open, () => this.status.hint("The dialog could not be loaded. Reload the page to try again.", "error"));
  }

  #loadOnUse() {
    this.#loadBar();
    this.log.load();
  }

  /** Opens the palette immediately, so that it receives the next keys, or closes it. */
  #togglePalette() {
    const dialog = byId("command-palette", HTMLDialogElement);
    if (dialog.open) dialog.close();
    else this.#openPalette("");
  }

  /** @param {string} typed */
  #openPalette(typed) {
    const dialog = byId("command-palette", HTMLDialogElement);
    if (!document.querySelector("dialog[open]")) {
      byId("command-search", HTMLInputElement).value = typed;
      dialog.showModal();
      this.#loadPalette();
      this.#palette?.then((palette) => palette.refresh(), () => {
        this.#palette = null;
        dialog.close();
        this.status.hint("The commands could not be loaded. Reload the page to try again.", "error");
      });
    }
  }

  #loadPalette() {
    this.#palette ??= Promise.all([import("./ui/command-palette.js"), import("./commands/log-commands.js")]).then(([{ CommandPalette }, { logCommands }]) =>
      new CommandPalette((typed) => [...this.actions.list(typed), ...logCommands(typed, this)]));
    this.#palette.catch(() => {});
  }

  /** Prepares the audio context at the first key or touch, because that takes a while. */
  #unlockAudio() {
    const { player } = this.queue;
    this.#loadPalette();
    this.#loadOnUse();
    if (player.blocked || !player.context) player.unlock(this.voiceControls.rate);
  }

  #listenToControls() {
    byId("menu").addEventListener("click", () => this.#togglePalette());
    byId("voice-button").addEventListener("click", () => this.actions.openVoices());
    this.themes.listen(byId("theme-button"));
    // A dialog returns the focus to the prompt, but in Chromium the caret stays where the user clicked in the dialog.
    document.addEventListener("close", () => {
      const prompt = byId("prompt", HTMLTextAreaElement);
      if (document.activeElement === prompt) prompt.setSelectionRange(prompt.selectionStart, prompt.selectionEnd);
    }, true);
    for (const type of ["focus", "blur"]) byId("prompt").addEventListener(type, () => this.#showState());
    byId("welcome").addEventListener("submit", (event) => {
      event.preventDefault();
      if (event.submitter instanceof HTMLButtonElement) this.actions.speak(event.submitter.value);
      this.prompt.focus();
    });
  }

  #listenToPage() {
    for (const type of ["pointerdown", "keydown"]) document.addEventListener(type, () => this.#unlockAudio(), true);
    for (const type of ["focus", "pointerdown", "keydown"]) window.addEventListener(type, () => this.sentTexts.used(), true);
    window.addEventListener("online", () => this.connection.wake());
    window.addEventListener("offline", () => this.connection.wake());
    // An open socket would exclude the page from the back-forward cache.
    window.addEventListener("pagehide", () => this.connection.sleep());
    window.addEventListener("pageshow", () => this.connection.wake());
    document.addEventListener("visibilitychange", () => document.hidden || this.connection.wake());
    const dock = byId("dock");
    new ResizeObserver(() => {
      document.documentElement.style.setProperty("--footer", `${dock.offsetHeight}px`);
    }).observe(dock);
  }
}
