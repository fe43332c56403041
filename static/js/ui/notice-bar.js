import { button } from "./controls.js";
import { byId, element, hide } from "./dom.js";
import { loadStyles } from "./styles.js";

/**
 * Shows a message with buttons above the prompt. It never takes the focus, and is hidden while something is queued or spoken.
 *
 * @param {{queue: {items: unknown[]}, status: {announce(text: string): void}}} page
 * @param {object} parts
 * @param {string} parts.label the region's accessible name
 * @param {string} parts.announcement what screen readers announce, once
 * @param {HTMLElement[]} parts.content
 * @param {[string, (close: () => void) => void][]} parts.actions buttons; `close` removes the bar
 */
export async function showNotice({ queue, status }, { label, announcement, content, actions }) {
  const footer = byId("speak-form").closest("footer");
  if (!footer) return;
  await loadStyles(footer.dataset.notices ?? "");
  const node = element("section", { class: "notice-bar", "aria-label": label, hidden: true }, ...content);
  const close = () => {
    observer.disconnect();
    hide(node, true, byId("prompt"));
    node.remove();
  };
  node.append(element("p", { class: "buttons" }, ...actions.map(([name, run]) => button(name, () => run(close)))));
  footer.before(node);
  let announced = false;
  const update = () => {
    const busy = queue.items.length > 0;
    hide(node, busy, byId("prompt"));
    if (!busy && !announced) status.announce(announcement);
    announced ||= !busy;
  };
  const observer = new MutationObserver(update);
  // The attribute is the voice's state.
  observer.observe(footer, { attributes: true, attributeFilter: ["data-voice"] });
  update();
}
