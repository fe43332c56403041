/**
 * The commands of the prompt.
 * @satisfies {readonly {name: keyof import("./actions.js").CommandHandlers, takes: string, description: string}[]}
 */
export const COMMANDS = Object.freeze([
  { name: "help", takes: "", description: "keys and commands" },
  { name: "voice", takes: "[name]", description: "choose the voice" },
  { name: "speed", takes: "[number]", description: "change or show the speed" },
  { name: "theme", takes: "[name]", description: "change colors and font" },
  { name: "open", takes: "[URL]", description: "open a file or a page: text, PDF, EPUB, DOCX and others" },
  { name: "stop", takes: "", description: "stop and clear the queue" },
  { name: "pause", takes: "", description: "pause, resume, or continue after a stop" },
  { name: "replay", takes: "[number]", description: "replay the last entry" },
  { name: "save", takes: "[number]", description: "save the last entry as a WAV file" },
  { name: "find", takes: "[words]", description: "search in the log" },
  { name: "explain", takes: "[text]", description: "how will this be read?" },
  { name: "player", takes: "", description: "volume and other settings of the player" },
  { name: "clear", takes: "", description: "clear the log" },
]);

/**
 * Parses a line of the prompt: a text to speak, or a command that begins with a slash.
 * @param {string} line
 * @returns {{kind: "nothing"} | {kind: "speak", text: string} | {kind: "unknown", name: string, near: string | null}
 *   | {kind: "command", name: typeof COMMANDS[number]["name"], argument: string}}
 */
export function parse(line) {
  const text = line.trim();
  if (!text) return { kind: "nothing" };
  if (text.startsWith("//")) return { kind: "speak", text: text.slice(1) };
  // Several lines are a text, even if the first of them is a path.
  if (!text.startsWith("/") || text.includes("\n")) return { kind: "speak", text };
  const [, name, argument] = /** @type {RegExpExecArray} */ (/^\/(\S*)\s*(.*)$/.exec(text));
  const word = name.toLowerCase();
  const command = COMMANDS.find((candidate) => candidate.name === word);
  if (command) return { kind: "command", name: command.name, argument };
  return { kind: "unknown", name, near: nearest(word) };
}

/**
 * Returns the completions of a line.
 * @param {string} line
 * @param {CommandChoices} choices arguments that are known, by command
 * @returns {{line: string, label: string, description: string}[]}
 */
export function complete(line, choices = {}) {
  const match = /^\/(?!\/)(\S*)(\s+)?(.*)$/.exec(line);
  if (!match) return [];
  const [, name, space, argument] = match;
  if (space === undefined) {
    return COMMANDS.filter((command) => command.name.startsWith(name.toLowerCase())).map((command) => ({
      line: `/${command.name}${command.takes ? " " : ""}`,
      label: `/${command.name}${command.takes ? ` ${command.takes}` : ""}`,
      description: command.description,
    }));
  }
  const known = choices[name.toLowerCase()] ?? [];
  return (typeof known === "function" ? known(argument) : known)
    .filter((choice) => choice.toLowerCase().startsWith(argument.toLowerCase()))
    // The label omits the words that are already typed.
    .map((choice) => ({ line: `/${name} ${choice}`, label: choice.slice(argument.lastIndexOf(" ") + 1), description: "" }));
}

/** @param {string} word */
function nearest(word) {
  const [best] = COMMANDS.map(({ name }) => ({ name, distance: editDistance(word, name) }))
    .sort((one, other) => one.distance - other.distance);
  return best.distance <= 2 ? best.name : null;
}

/** @param {string} one @param {string} other */
function editDistance(one, other) {
  if (Math.abs(one.length - other.length) > 2) return Infinity;
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[other.length];
}

/** Completes a line: as far as all completions agree, then to one after the other. */
export class Completions {
  /** @type {string[]} */
  #lines = [];
  #at = 0;

  /**
   * Returns the next completion; null after the last, so that Tab leaves the field.
   * @param {string} line
   * @param {(line: string) => string[]} completions returns the completions of a line
   */
  next(line, completions) {
    if (this.#lines[this.#at] === line && this.#lines.length > 1) {
      this.#at += 1;
      return this.#lines[this.#at] ?? null;
    }
    const lines = completions(line);
    if (!lines.length || lines[0] === line) return null;
    const shared = commonStart(lines);
    if (shared.length > line.length) return shared;
    this.#lines = lines;
    this.#at = 0;
    return lines[0];
  }
}

/** @param {string[]} lines */
function commonStart(lines) {
  let start = lines[0];
  while (!lines.every((line) => line.startsWith(start))) start = start.slice(0, -1);
  return start;
}
