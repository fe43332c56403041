/**
 * Returns the server's state, and all themes by id, after applying `changes` (optimistic update). Pure: the
 * arguments stay as they are.
 * @param {Appearance} state
 * @param {ReadonlyMap<string, Theme>} known
 * @param {ThemeChange[]} changes
 * @returns {{state: Appearance, themes: Map<string, Theme>}}
 */
export function applyChanges(state, known, changes) {
  const themes = new Map(known);
  const selected = { dark: state.dark.id, light: state.light.id };
  // Themes in the state are never older than in the list.
  for (const theme of [state.dark, state.light]) themes.set(theme.id, theme);
  let next = state;
  for (const { type, fields } of changes) {
    if (type === "theme.set") next = set(next, selected, themes, fields);
    else REDUCERS[type]?.(themes, selected, fields);
  }
  const dark = themes.get(selected.dark) ?? state.dark;
  return { state: { ...next, dark, light: themes.get(selected.light) ?? state.light }, themes };
}

/** @type {Record<string, (themes: Map<string, Theme>, selected: Record<Scheme, string>, fields: ChangeFields) => void>} */
const REDUCERS = {
  "theme.create"(themes, selected, { id = "", theme, source, name, activate }) {
    const origin = themes.get(source ?? "");
    const from = theme ?? origin;
    if (!from) return;
    const provenance = origin?.own ? origin.provenance : source ?? "";
    const created = { ...from, id, own: true, revision: 1, provenance, name: name ?? from.name };
    themes.set(id, created);
    if (activate) selected[created.scheme] = id;
  },
  "theme.edit"(themes, _selected, { id = "", name, scheme, colors = {}, typography }) {
    const theme = themes.get(id);
    if (!theme) return;
    themes.set(id, {
      ...theme, name: name ?? theme.name, scheme: scheme ?? theme.scheme,
      colors: { ...theme.colors, ...withOriginals(colors, theme, themes) },
      typography: { ...theme.typography, ...typography },
    });
  },
  "theme.delete"(themes, _selected, { id = "" }) {
    // A selected theme stays until the server names its replacement.
    const theme = themes.get(id);
    if (theme) themes.set(id, { ...theme, deleted: true });
  },
  "theme.restore"(themes, _selected, { id = "" }) {
    const theme = themes.get(id);
    if (theme) themes.set(id, { ...theme, deleted: false });
  },
};

/**
 * @param {Appearance} state
 * @param {Record<Scheme, string>} selected
 * @param {Map<string, Theme>} themes
 * @param {ChangeFields} fields
 * @returns {Appearance}
 */
function set(state, selected, themes, { dark, light, mode = state.mode, device_only = state.device_only, minimum_contrast = state.minimum_contrast }) {
  if (dark && themes.has(dark)) selected.dark = dark;
  if (light && themes.has(light)) selected.light = light;
  return { ...state, mode, device_only, minimum_contrast };
}

/**
 * Replaces null, which resets a color, by the color of the theme's origin where that is known.
 * @param {Record<string, string | null>} colors
 * @param {Theme} theme
 * @param {Map<string, Theme>} themes
 * @returns {Colors}
 */
function withOriginals(colors, theme, themes) {
  const origin = themes.get(theme.provenance)?.colors ?? theme.colors;
  return Object.fromEntries(Object.entries(colors).map(([name, color]) => [name, color ?? origin[name]]));
}
