import { exportTheme } from "./export-theme.js";
import { findTheme, nearestThemes } from "./theme-search.js";
import { tokens } from "./theme-api.js";

const MODES = ["system", "dark", "light"];

/**
 * What `/theme ...` does.
 * @param {ThemeController} controller
 * @param {string} argument
 * @returns {Promise<string | null>} what is wrong with it, if anything is
 */
export async function runThemeCommand(controller, argument) {
  const [, word, rest] = /^(\S*)\s*(.*)$/.exec(argument.trim());
  const name = word.toLowerCase();
  if (!name) controller.chooser.open();
  else if (MODES.includes(name) && !rest) controller.changes.set({ mode: name });
  else if (Object.hasOwn(COMMANDS, name)) return COMMANDS[name](controller, rest);
  // A name alone is meant as one, too.
  else if (findTheme(await themes(controller), argument, controller.theme.scheme)) return set(controller, argument);
  else return `There is no /theme ${word}. There is: ${Object.keys(COMMANDS).join(", ")}, ${MODES.join(", ")}.`;
  return null;
}

const COMMANDS = {
  async list(controller) {
    const all = await themes(controller);
    const lines = ["dark", "light"].map((scheme) => `${scheme}: ${all.filter((theme) => theme.scheme === scheme).map(({ name }) => name).join(", ")}`);
    controller.tell(lines.join("\n"));
    return null;
  },
  set,
  async edit(controller) {
    await controller.editor.open();
    return null;
  },
  async import(controller) {
    await controller.chooser.open("import");
    return null;
  },
  async export(controller, words) {
    const formats = (await tokens()).formats.filter(({ writable }) => writable);
    const wanted = words.toLowerCase() || formats[0].name;
    const format = formats.find(({ name, label }) => [name, label.toLowerCase()].includes(wanted));
    if (!format) return `There is no format "${words}". There is: ${formats.map(({ name }) => name).join(", ")}.`;
    exportTheme(controller.shown, format.name);
    return null;
  },
};

async function set(controller, words) {
  const listed = await controller.themeList.load();
  const all = controller.changes.themes;
  if (!words) {
    controller.tell(`${controller.shown.name} is shown. To change it, name another: /theme set ${all.find(({ name }) => name !== controller.shown.name)?.name ?? "NAME"}.`);
    return null;
  }
  const theme = findTheme(all, words, controller.theme.scheme);
  if (!theme && !listed) return "The list of themes cannot be had just now. Try again when the page is connected.";
  if (!theme) {
    const near = nearestThemes(all, words);
    return `There is no theme "${words}". ${near.length ? `Near to it: ${near.join(", ")}.` : "/theme list tells which there are."}`;
  }
  controller.select(theme);
  return null;
}

async function themes(controller) {
  await controller.themeList.load();
  return controller.changes.themes;
}
