/**
 * Keys that pause. No browser uses F8 or Ctrl+Space; keys that the system
 * captures (F8 is the play key of some keyboards) arrive as media keys.
 */
const PAUSE_KEYS = ["F8", "MediaPlayPause", "Pause"];

/**
 * Handles the keys that work everywhere on the page, also while the user types.
 * @param {Shortcuts} actions
 * @typedef {{stop: () => void, pause: () => void, palette: () => void}} Shortcuts
 */
export function listenForShortcuts(actions) {
  document.addEventListener("keydown", (event) => {
    const action = meaning(event, actions);
    if (!action || event.isComposing) return;
    event.preventDefault();
    action();
  });
  listenForMediaKeys(actions);
}

/**
 * @param {KeyboardEvent} event
 * @param {Shortcuts} actions
 */
function meaning(event, { stop, pause, palette }) {
  const control = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  if (control && event.key.toLowerCase() === "k") return palette;
  // An open dialog handles Esc itself.
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) return stop;
  if (PAUSE_KEYS.includes(event.key) || (event.ctrlKey && event.code === "Space")) return pause;
  return null;
}

/** @param {Shortcuts} actions */
function listenForMediaKeys({ stop, pause }) {
  /** @type {[MediaSessionAction, () => void][]} */
  const keys = [["play", pause], ["pause", pause], ["stop", stop]];
  for (const [name, action] of keys) {
    try {
      navigator.mediaSession?.setActionHandler(name, action);
    } catch {
      // This browser does not know that key.
    }
  }
}
