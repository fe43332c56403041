import { exportTheme } from "./dialog/export-theme.js";
import { getThemeFacts } from "./state/theme-api.js";
import { findTheme, nearestThemes } from "./dialog/theme-search.js";
import { activeScheme, selectedTheme } from "./state/theme-store.js";

/** @type {Mode[]} */
const MODES = ["system", "dark", "light"];

/**
 * Runs a `/theme` command.
 * @param {ThemeCommandTarget} target
 * @param {string} argument
 * @returns {Promise<string | null>} an error message, or null
 */
export async function runThemeCommand(target, argument) {
  const [, word, rest] = /** @type {RegExpExecArray} */ (/^(\S*)\s*(.*)$/.exec(argument.trim()));
  const name = word.toLowerCase();
  const mode = MODES.find((candidate) => candidate === name);
  if (!name) target.dialog.open();
  else if (mode && !rest) {
    target.changes.set({ mode });
    target.notify(mode === "system" ? "The theme follows the system." : `The ${mode} theme is shown.`);
  }
  else if (Object.hasOwn(COMMANDS, name)) return COMMANDS[name](target, rest);
  // A theme's name alone selects it, too.
  else if (findTheme(await loadThemes(target), argument, activeScheme(target.store.state))) return select(target, argument);
  else return `There is no /theme ${word}. Available: ${Object.keys(COMMANDS).join(", ")}, ${MODES.join(", ")}.`;
  return null;
}

/** @type {Record<string, (target: ThemeCommandTarget, argument: string) => Promise<string | null>>} */
const COMMANDS = {
  async list(target) {
    const themes = await loadThemes(target);
    const lines = ["dark", "light"].map((scheme) =>
      `${scheme}: ${themes.filter((theme) => theme.scheme === scheme).map(({ name }) => name).join(", ")}`);
    target.notify(lines.join("\n"));
    return null;
  },
  set: select,
  async edit(target) {
    await target.openEditor();
    return null;
  },
  async import(target) {
    await target.dialog.open("import");
    return null;
  },
  async export(target, words) {
    const formats = (await getThemeFacts()).formats.filter(({ writable }) => writable);
    const wanted = words.toLowerCase() || formats[0].name;
    const format = formats.find(({ name, label }) => [name, label.toLowerCase()].includes(wanted));
    if (!format) return `There is no format "${words}". Available: ${formats.map(({ name }) => name).join(", ")}.`;
    const theme = selectedTheme(target.store.state);
    if (theme) exportTheme(theme, format.name);
    return null;
  },
};

/** @param {ThemeCommandTarget} target @param {string} words */
async function select(target, words) {
  const listed = await target.list.load();
  const { state } = target.store;
  const { themes } = state;
  const shown = selectedTheme(state)?.name;
  if (!words) {
    target.notify(`${shown} is shown. To change it, name another: /theme set ${themes.find(({ name }) => name !== shown)?.name ?? "NAME"}.`);
    return null;
  }
  const theme = findTheme(themes, words, activeScheme(state));
  if (!theme && !listed) return "The list of themes is not available. Try again when the page is connected.";
  if (!theme) {
    const near = nearestThemes(themes, words);
    return `There is no theme "${words}". ${near.length ? `Similar: ${near.join(", ")}.` : "/theme list shows all themes."}`;
  }
  target.operations.select(theme);
  return null;
}

/** @param {ThemeCommandTarget} target */
async function loadThemes(target) {
  await target.list.load();
  return target.store.state.themes;
}
