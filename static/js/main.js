import { Actions } from "./commands/actions.js";
import { VoiceControls } from "./ui/voice-controls.js";
import { COMMANDS } from "./commands/slash-commands.js";
import { Connection } from "./connection.js";
import { byId, element, setText } from "./ui/dom.js";
import { listenForShortcuts } from "./ui/shortcuts.js";
import { Log } from "./ui/log.js";
import { CommandPalette } from "./ui/command-palette.js";
import { Player } from "./audio/player.js";
import { Prompt } from "./ui/prompt.js";
import { Queue } from "./speech/queue.js";
import { StatusBar } from "./ui/status-bar.js";
import { Theme } from "./themes/theme.js";
import { LazyThemes } from "./themes/lazy-themes.js";

/** Often enough for the server, which wants to hear once a second how far we are. */
const TICK_MS = 200;
const COOKIES_MS = 700;
/** The properties of a theme by which the text is set. */
const TEXT = /^--(font|size|line)$/;

let limits = { text: Number(byId("prompt").dataset.limit) || 1000, queue: 4 };
let failed = false;
/** Whether the hint says why the server has no place for this tab. */
let denied = false;
/** How many utterances came in since nothing waited: the total of "12 of 130 waiting". */
let batch = 0;
let ticking = null;
let drawing = false;
/** Whether the text is set in another way than it was. */
let reflows = false;

const status = new StatusBar(() => connection.open());
const voiceControls = new VoiceControls(() => connection.send("session.update", voiceControls.settings));
const connection = new Connection(`${location.protocol.replace("http", "ws")}//${location.host}/ws/terminal/`, {
  onState() {
    status.connection(connection);
    if (!connection.connected) queue.disconnected();
  },
  onMessage: receive,
  onAudio: (frame) => queue.audio(frame),
});
const queue = new Queue({
  send: (type, fields) => connection.send(type, fields),
  settings: () => voiceControls.settings,
  createPlayer: (items, handlers) => new Player(items, handlers),
  spoken: byId("log-entries").children.length,
  handlers: {
    onChange: changed,
    onBlocked(blocked) {
      byId("unblock-audio").hidden = !blocked;
      if (blocked) status.announce("Sound is held back by the browser. Press any key to hear it.");
    },
    onHold: (seconds, message) => status.hold(seconds, message),
  },
});
const light = matchMedia("(prefers-color-scheme: light)");
const theme = new Theme((type, fields) => connection.send(type, fields), {
  prefersDark: () => !light.matches,
  // A hidden page gets no frames, but is to be right when it is looked at.
  frame: (draw) => (document.hidden ? draw() : requestAnimationFrame(draw)),
  paint(name, value) {
    document.documentElement.style.setProperty(name, value);
    // Colours set no text anew, and to look would have all styles computed twice.
    reflows ||= TEXT.test(name);
  },
  tell({ name, colours }) {
    if (reflows) prompt.grow();
    reflows = false;
    setText(byId("theme-button").lastElementChild, name);
    document.querySelector("meta[name=theme-color]").content = colours.background;
  },
});
const themes = new LazyThemes(theme, status);
const log = new Log(byId("log"), byId("log-entries"), byId("welcome"), {
  act: (name, utterance) => actions.act(name, utterance),
  seek: (sample) => queue.seek(sample),
  onForget: (utterance) => queue.replayCache.remove(utterance),
});
const actions = new Actions({
  queue, log, status, voiceControls,
  limit: () => limits.text,
  themes,
  relist: () => palette.refresh(),
  edit: (text) => prompt.edit(text),
  giveBack: (line) => byId("prompt").value || prompt.edit(line),
  help: () => byId("help").showModal(),
});
const prompt = new Prompt({
  enter: (line) => actions.enter(line),
  hint: (text) => status.hint(text),
  limit: () => limits.text,
  choices: () => ({ voice: voiceControls.voiceNames, speed: voiceControls.speeds, theme: (argument) => themes.choices(argument, () => prompt.hintAgain()) }),
  onInput() {
    failed = false;
    tellState();
  },
});
const palette = new CommandPalette((typed) => actions.list(typed));
light.addEventListener("change", () => theme.redraw());

function receive(message) {
  if (theme.receive(message)) return;
  if (message.type === "session.created") {
    limits = message.limits;
    if (voiceControls.loadVoices(message)) connection.send("session.update", voiceControls.settings);
    queue.connected(limits);
    if (denied) status.hint("");
    denied = false;
  } else if (message.type === "session.changed") {
    // The answer that brings the new cookies, to the tab in which one signed in, may come a little after this.
    connection.sleep();
    setTimeout(() => connection.wake(), COOKIES_MS);
  } else if (message.type === "session.updated") {
    voiceControls.applyServerState(message);
  } else if (message.type === "error" && message.id === undefined) {
    denied = !connection.connected;
    status.hint(String(message.message), "error");
  } else {
    queue.receive(message);
  }
}

function changed(utterance) {
  log.update(utterance, queue.items);
  if (utterance.state === "error") {
    failed = true;
    status.announce(utterance.error.message);
  }
  tellState();
  if (queue.items.length) keepTime();
}

function tellState() {
  const [current] = queue.items;
  const waiting = Math.max(0, queue.items.length - 1);
  batch = waiting ? Math.max(batch, queue.items.length) : 0;
  status.waiting(waiting, batch);
  status.waits(queue.items.length > 0);
  if (current) status.voice(current.state === "queued" ? "processing" : current.state);
  else if (failed) status.voice("error");
  else status.voice(prompt.isListening ? "listening" : "idle");
}

/** Timers run only while there is something to speak. */
function keepTime() {
  ticking ??= setInterval(() => {
    queue.follow();
    queue.report();
    if (queue.items.length) return;
    clearInterval(ticking);
    ticking = null;
  }, TICK_MS);
  if (!drawing) draw();
}

function draw() {
  drawing = queue.items.length > 0;
  if (!drawing) return;
  queue.follow();
  const heard = queue.player.heard();
  if (heard) log.paint(heard.owner, heard.sample);
  requestAnimationFrame(draw);
}

/** The first key or touch makes the audio context ready, before anything is to be spoken: it takes a while. */
function gesture() {
  if (queue.player.blocked || !queue.player.context) queue.player.unlock(voiceControls.rate);
}

function listen() {
  listenForShortcuts({ stop: () => actions.stop(), pause: () => actions.pause(), palette: () => palette.toggle() });
  byId("menu").addEventListener("click", () => palette.toggle());
  themes.listen(byId("theme-button"));
  byId("queue-status").lastElementChild.addEventListener("click", () => actions.stop());
  byId("prompt").addEventListener("focus", tellState);
  byId("prompt").addEventListener("blur", tellState);
  byId("welcome").addEventListener("submit", (event) => {
    event.preventDefault();
    actions.speak(event.submitter.value);
    prompt.focus();
  });
  for (const type of ["pointerdown", "keydown"]) document.addEventListener(type, gesture, true);
  window.addEventListener("online", () => connection.wake());
  window.addEventListener("offline", () => connection.wake());
  // A socket would keep the page out of the back-forward cache.
  window.addEventListener("pagehide", () => connection.sleep());
  window.addEventListener("pageshow", () => connection.wake());
  document.addEventListener("visibilitychange", () => document.hidden || connection.wake());
}

byId("slash-command-list").append(...COMMANDS.map(({ name, takes, says }) => element("div", {},
  element("dt", {}, element("kbd", {}, `/${name}${takes ? ` ${takes}` : ""}`)), element("dd", {}, says))));
new ResizeObserver(([{ target }]) => {
  document.documentElement.style.setProperty("--footer", `${target.offsetHeight}px`);
}).observe(document.querySelector("footer"));
listen();
connection.wake();

/** For tests and the curious: where the sound leaves, and what is so. Nothing here changes anything. */
Object.defineProperty(window, "alphanumeric", {
  value: Object.freeze({
    get output() {
      return queue.player.output;
    },
    get context() {
      return queue.player.context;
    },
    state: () => ({
      connection: connection.state,
      voice: document.querySelector("footer").dataset.voice,
      paused: queue.paused,
      account: theme.account,
      items: queue.items.map(({ number, state, wireId, cursor, total }) => ({ number, state, wireId, cursor, total })),
      theme: {
        revision: theme.state?.revision ?? null, id: theme.shown?.id ?? null, mode: theme.now?.mode ?? null,
        here: theme.now?.here ?? null, pending: theme.changes?.pending ?? 0,
      },
      sounding: queue.player.sounding()?.sample ?? null,
    }),
  }),
});
