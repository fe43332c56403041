import { MediaControls } from "../audio/media-controls.js";
import { button, enable } from "./controls.js";
import { byId, element, setText } from "./dom.js";
import { SeekBar } from "./seek-bar.js";

/** The icons of the buttons, as paths in a square of 24. */
const ICONS = {
  previous: "M6 5h2v14H6zM20 5v14L9 12z",
  play: "M7 4v16l13-8z",
  pause: "M6 4h4v16H6zM14 4h4v16h-4z",
  next: "M16 5h2v14h-2zM4 5v14l11-7z",
  stop: "M5 5h14v14H5z",
};
const SVG = "http://www.w3.org/2000/svg";

/** The bar above the prompt that controls what is spoken, in reach at every scroll position. */
export class PlayerBar {
  /**
   * @param {object} parts
   * @param {import("../speech/queue.js").Queue} parts.queue
   * @param {import("../commands/actions.js").Actions} parts.actions
   * @param {import("./voice-controls.js").VoiceControls} parts.voiceControls
   */
  constructor({ queue, actions, voiceControls }) {
    this.queue = queue;
    this.media = new MediaControls({ queue, actions, silence: byId("dock").dataset.silence ?? "" });
    this.seekBar = new SeekBar((seconds) => queue.latest && queue.jumpToSeconds(queue.latest, seconds));
    this.play = iconButton("play", "play", () => actions.pause() || actions.replay(""));
    this.previous = iconButton("previous", "previous sentence", () => actions.skip(-1, "sentence"));
    this.next = iconButton("next", "next sentence", () => actions.skip(1, "sentence"));
    this.stop = iconButton("stop", "stop", () => actions.stop());
    this.speed = voiceControls.mirrorSpeed();
    this.waiting = element("span", { class: "waiting" });
    this.node = element("section", { id: "player", "aria-label": "Player" },
      element("div", { class: "buttons" }, this.previous, this.play, this.next, this.stop),
      element("div", { class: "progress" }, this.seekBar.track, this.seekBar.time, this.waiting),
      this.speed);
  }

  /** Draws the state of the queue. */
  update() {
    const { items, paused, stopped, documents, latest } = this.queue;
    this.media.update();
    // Before the first text there is nothing to control.
    if (latest && !this.node.isConnected) byId("dock").prepend(this.node);
    const name = items.length ? (paused ? "resume" : "pause") : (stopped.length ? "continue" : "play again");
    if (this.play.ariaLabel !== name) {
      this.play.ariaLabel = this.play.title = name;
      this.play.replaceChildren(icon(name === "pause" ? "pause" : "play"));
    }
    enable(this.stop, items.length > 0);
    setText(this.waiting, documents.length > 1 ? `${documents.length - 1} more` : "");
    if (items.length || !latest) return;
    const part = stopped.find(({ document }) => document === latest) ?? latest.current;
    this.#show(latest, latest.secondsAt(part, part.cursor));
  }

  /** Draws the playback position. @param {import("../speech/utterance.js").Utterance} part @param {number} sample */
  paint(part, sample) {
    this.#show(part.document, part.document.secondsAt(part, sample));
  }

  /** @param {import("../speech/speech-document.js").SpeechDocument} document @param {number} seconds */
  #show(document, seconds) {
    const total = document.seconds;
    this.seekBar.show(seconds, total, document.exact);
    this.media.paint(seconds, total, performance.now() / 1000);
  }
}

/** @param {keyof typeof ICONS} name @param {string} label @param {() => void} run */
function iconButton(name, label, run) {
  const node = button("", run, { label, title: label });
  node.append(icon(name));
  return node;
}

/** @param {keyof typeof ICONS} name */
function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}
