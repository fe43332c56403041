import { SleepTimer } from "../audio/sleep-timer.js";
import { openDialog } from "./controls.js";
import { element } from "./dom.js";

/** Silence before the first sound, in seconds, with its label. */
const LEAD_SILENCES = { "0": "none", "0.25": "a quarter of a second", "0.5": "half a second", "1": "a second" };

const SLEEP = { "": "off", 15: "in 15 minutes", 30: "in 30 minutes", 45: "in 45 minutes", 60: "in an hour", chapter: "at the end of the chapter" };
/** @type {SleepTimer | null} */
let sleepTimer = null;

/**
 * Opens the settings of the player. They apply until the page is closed: the page stores nothing in the browser.
 * @param {{queue: import("../speech/queue.js").Queue, status: import("./status-bar.js").StatusBar}} page
 * @param {import("../audio/media-controls.js").MediaControls} controls
 */
export function openPlayerSettings({ queue, status }, controls) {
  const { player } = queue;
  const timer = sleepTimer ??= new SleepTimer(queue, () => {
    queue.pause();
    status.hint("Paused by the sleep timer. F8 continues.", "notice");
  });
  const sleep = element("select", { id: "sleep-timer" }, ...Object.entries(SLEEP).map(([value, label]) =>
    element("option", { value, selected: value === timer.choice }, label)));
  sleep.addEventListener("change", () => timer.set(sleep.value));
  const volume = element("input", { type: "range", id: "volume", min: "0", max: "100", step: "5", value: String(Math.round(100 * player.volume)) });
  volume.addEventListener("input", () => { player.volume = Number(volume.value) / 100; });
  const leadSilence = element("select", { id: "lead-in" }, ...Object.entries(LEAD_SILENCES).map(([value, label]) =>
    element("option", { value, selected: Number(value) === player.leadSilence }, label)));
  leadSilence.addEventListener("change", () => { player.leadSilence = Number(leadSilence.value); });
  const awake = element("input", { type: "checkbox", id: "keep-awake", checked: controls.keepsAwake });
  awake.addEventListener("change", () => {
    controls.keepsAwake = awake.checked;
    controls.update();
  });
  const dialog = element("dialog", { class: "entry-menu", "aria-labelledby": "player-settings-title" },
    element("h2", { id: "player-settings-title" }, "Player settings"),
    element("p", {}, element("label", { for: "volume" }, "Volume"), volume),
    element("p", {}, element("label", { for: "lead-in" }, "Silence before speech, for wireless headphones"), leadSilence),
    element("p", {}, element("label", { for: "sleep-timer" }, "Pause (sleep timer)"), sleep),
    ..."wakeLock" in navigator ? [element("p", {}, awake, element("label", { for: "keep-awake" }, "Keep the screen on while speaking"))] : [],
    element("form", { method: "dialog" }, element("button", {}, "close")));
  openDialog(dialog);
}
