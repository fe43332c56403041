/**
 * Keys that pause. No browser uses F8 or Ctrl+Space; keys that the system
 * captures (F8 is the play key of some keyboards) arrive as media keys.
 */
const PAUSE_KEYS = ["F8", "MediaPlayPause", "Pause"];
/** The keys on both sides of F8 skip a sentence; with Shift, a paragraph; with Ctrl, a chapter. @type {Record<string, 1 | -1>} */
const SKIP_KEYS = { F7: -1, F9: 1, MediaTrackPrevious: -1, MediaTrackNext: 1 };

/**
 * Handles the keys that work everywhere on the page, also while the user types.
 * @param {Shortcuts} actions
 * @typedef {{stop: () => void, pause: () => void, palette: () => void, type: () => void,
 *   skip: (by: 1 | -1, unit: "sentence" | "paragraph" | "chapter") => void}} Shortcuts `type` focuses the prompt
 */
export function listenForShortcuts(actions) {
  document.addEventListener("keydown", (event) => {
    if (isTyped(event)) actions.type();
    const action = meaning(event, actions);
    if (!action || event.isComposing) return;
    event.preventDefault();
    action();
  });
}

/** Returns whether a key types a character while no field has the focus. @param {KeyboardEvent} event */
function isTyped({ key, target, ctrlKey, metaKey, altKey }) {
  // A space presses a button, or scrolls.
  if ([...key].length > 1 || key === " " || ctrlKey || metaKey || altKey || document.querySelector("dialog[open]")) return false;
  return !(target instanceof Element && target.closest("input, textarea, select, #editor"));
}

/**
 * @param {KeyboardEvent} event
 * @param {Shortcuts} actions
 */
function meaning(event, { stop, pause, skip, palette }) {
  const control = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  if (control && event.key.toLowerCase() === "k") return palette;
  // An open dialog handles Esc itself.
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) return stop;
  if (PAUSE_KEYS.includes(event.key) || (event.ctrlKey && event.code === "Space")) return pause;
  if (event.key in SKIP_KEYS) return () => skip(SKIP_KEYS[event.key], control ? "chapter" : event.shiftKey ? "paragraph" : "sentence");
  return null;
}
