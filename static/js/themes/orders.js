import { exportTheme } from "./exports.js";
import { findTheme, nearestThemes } from "./names.js";
import { tokens } from "./tools.js";

const MODES = ["system", "dark", "light"];

/**
 * What `/theme ...` does.
 * @param {Room} room
 * @param {string} argument
 * @returns {Promise<string | null>} what is wrong with it, if anything is
 */
export async function obey(room, argument) {
  const [, word, rest] = /^(\S*)\s*(.*)$/.exec(argument.trim());
  const name = word.toLowerCase();
  if (!name) room.chooser.open();
  else if (MODES.includes(name) && !rest) room.changes.set({ mode: name });
  else if (Object.hasOwn(ORDERS, name)) return ORDERS[name](room, rest);
  // A name alone is meant as one, too.
  else if (findTheme(await themes(room), argument, room.theme.scheme)) return set(room, argument);
  else return `There is no /theme ${word}. There is: ${Object.keys(ORDERS).join(", ")}, ${MODES.join(", ")}.`;
  return null;
}

const ORDERS = {
  async list(room) {
    const all = await themes(room);
    const lines = ["dark", "light"].map((scheme) => `${scheme}: ${all.filter((theme) => theme.scheme === scheme).map(({ name }) => name).join(", ")}`);
    room.tell(lines.join("\n"));
    return null;
  },
  set,
  async edit(room) {
    await room.editor.open();
    return null;
  },
  async import(room) {
    await room.chooser.open("import");
    return null;
  },
  async export(room, words) {
    const formats = (await tokens()).formats.filter(({ writable }) => writable);
    const wanted = words.toLowerCase() || formats[0].name;
    const format = formats.find(({ name, label }) => [name, label.toLowerCase()].includes(wanted));
    if (!format) return `There is no format "${words}". There is: ${formats.map(({ name }) => name).join(", ")}.`;
    exportTheme(room.shown, format.name);
    return null;
  },
};

async function set(room, words) {
  const listed = await room.catalogue.load();
  const all = room.changes.themes;
  if (!words) {
    room.tell(`${room.shown.name} is shown. To change it, name another: /theme set ${all.find(({ name }) => name !== room.shown.name)?.name ?? "NAME"}.`);
    return null;
  }
  const theme = findTheme(all, words, room.theme.scheme);
  if (!theme && !listed) return "The list of themes cannot be had just now. Try again when the page is connected.";
  if (!theme) {
    const near = nearestThemes(all, words);
    return `There is no theme "${words}". ${near.length ? `Near to it: ${near.join(", ")}.` : "/theme list tells which there are."}`;
  }
  room.keep(theme);
  return null;
}

async function themes(room) {
  await room.catalogue.load();
  return room.changes.themes;
}
