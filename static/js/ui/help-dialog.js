import { COMMANDS } from "../commands/slash-commands.js";
import { at } from "../paths.js";
import { openDialog } from "./controls.js";
import { element } from "./dom.js";

/** @type {[keys: string[], description: string][]} */
const KEYS = [
  [["Enter"], "speak the text"],
  [["Ctrl Enter"], "speak the text next, before what is queued"],
  [["Shift Enter"], "a new line"],
  [["Esc"], "stop and clear the queue"],
  [["F8", "Ctrl Space"], "pause, resume, or continue after a stop"],
  [["F7", "F9"], "previous and next sentence; with Shift, paragraph; with Ctrl, chapter"],
  [["Ctrl K"], "find any command"],
  [["Up", "Down"], "previous and next line of the history"],
  [["Tab"], "complete a command"],
  [["Left", "Right"], "with the focus on the position: one second back or forward"],
  [["Arrows"], "with the focus on the log: to another entry, and to its buttons"],
];

/** Opens the list of keys and commands. */
export function openHelp() {
  const dialog = element("dialog", { id: "help", "aria-labelledby": "help-title" },
    element("h2", { id: "help-title", tabindex: "-1" }, "Keys and commands"),
    element("dl", {}, ...KEYS.map(([keys, description]) => row(keys, description))),
    element("dl", {}, ...COMMANDS.map(({ name, takes, description }) => row([`/${name}${takes ? ` ${takes}` : ""}`], description))),
    element("p", {}, "To speak a text that begins with a slash, type two: ", element("kbd", {}, "//etc"), "."),
    element("p", {}, element("a", { href: at("help/") }, "User manual")),
    element("form", { method: "dialog" }, element("button", {}, "close")));
  openDialog(dialog);
}

/** @param {string[]} keys @param {string} description */
function row(keys, description) {
  return element("div", {}, element("dt", {}, ...keys.flatMap((key) => [element("kbd", {}, key), " "])), element("dd", {}, description));
}
