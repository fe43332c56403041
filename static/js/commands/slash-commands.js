/** What a line of the prompt means: a text to speak, or a command that begins with a slash. */

export const COMMANDS = Object.freeze([
  { name: "help", takes: "", says: "keys and commands" },
  { name: "voice", takes: "[name]", says: "change the voice, or tell it" },
  { name: "speed", takes: "[number]", says: "change the speed, or tell it" },
  { name: "theme", takes: "[name]", says: "change the colours and the type" },
  { name: "stop", takes: "", says: "stop, and empty the queue" },
  { name: "pause", takes: "", says: "pause, or go on" },
  { name: "replay", takes: "[number]", says: "speak the last one again" },
  { name: "save", takes: "[number]", says: "save the last one as a WAV file" },
  { name: "clear", takes: "", says: "empty the log" },
]);

/**
 * @param {string} line
 * @returns {{kind: "nothing"} | {kind: "speak", text: string} | {kind: "command", name: string, argument: string}
 *   | {kind: "unknown", name: string, near: string | null}}
 */
export function parse(line) {
  const text = line.trim();
  if (!text) return { kind: "nothing" };
  if (text.startsWith("//")) return { kind: "speak", text: text.slice(1) };
  // Several lines are a text, even if the first of them is a path.
  if (!text.startsWith("/") || text.includes("\n")) return { kind: "speak", text };
  const [, name, argument] = /^\/(\S*)\s*(.*)$/.exec(text);
  const word = name.toLowerCase();
  if (COMMANDS.some((command) => command.name === word)) return { kind: "command", name: word, argument };
  return { kind: "unknown", name, near: nearest(word) };
}

/**
 * What could follow what is typed.
 * @param {string} line
 * @param {Record<string, string[] | ((argument: string) => string[])>} choices arguments that are known, by command
 * @returns {{line: string, label: string, says: string}[]}
 */
export function complete(line, choices = {}) {
  const match = /^\/(?!\/)(\S*)(\s+)?(.*)$/.exec(line);
  if (!match) return [];
  const [, name, space, argument] = match;
  if (space === undefined) {
    return COMMANDS.filter((command) => command.name.startsWith(name.toLowerCase())).map((command) => ({
      line: `/${command.name}${command.takes ? " " : ""}`,
      label: `/${command.name}${command.takes ? ` ${command.takes}` : ""}`,
      says: command.says,
    }));
  }
  const known = choices[name.toLowerCase()] ?? [];
  return (typeof known === "function" ? known(argument) : known)
    .filter((choice) => choice.toLowerCase().startsWith(argument.toLowerCase()))
    // The label leaves out the words that stand there already.
    .map((choice) => ({ line: `/${name} ${choice}`, label: choice.slice(argument.lastIndexOf(" ") + 1), says: "" }));
}

function nearest(word) {
  const [best] = COMMANDS.map(({ name }) => ({ name, distance: editDistance(word, name) }))
    .sort((one, other) => one.distance - other.distance);
  return best.distance <= 2 ? best.name : null;
}

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
