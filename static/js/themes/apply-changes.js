/**
 * What a state, and the themes that can be chosen, will be once the server has made the changes that it was asked for.
 * Pure: nothing that is given is changed.
 */

/** @param {object} state @param {Map<string, object>} known by id @param {{type: string, fields: object}[]} changes */
export function applyChanges(state, known, changes) {
  const themes = new Map(known);
  const ids = { dark: state.dark.id, light: state.light.id };
  // What came with the state is never older than what was listed.
  for (const shown of [state.dark, state.light]) themes.set(shown.id, shown);
  let result = state;
  for (const { type, fields } of changes) {
    if (type === "theme.set") result = set(result, ids, themes, fields);
    else REDUCERS[type](themes, ids, fields);
  }
  return { state: { ...result, dark: themes.get(ids.dark), light: themes.get(ids.light) }, themes };
}

const REDUCERS = {
  "theme.create"(themes, ids, { id, theme, source, name, show }) {
    const from = theme ?? themes.get(source);
    if (!from) return;
    const provenance = source && from.own ? from.provenance : source ?? "";
    const made = { ...from, id, own: true, revision: 1, provenance, name: name ?? from.name };
    themes.set(id, made);
    if (show) ids[made.scheme] = id;
  },
  "theme.edit"(themes, _ids, { id, revision: _, colours = {}, typography, ...fields }) {
    const theme = themes.get(id);
    if (theme) {
      themes.set(id, {
        ...theme, ...fields,
        colours: { ...theme.colours, ...definite(colours, theme, themes) },
        typography: { ...theme.typography, ...typography },
      });
    }
  },
  "theme.delete"(themes, ids, { id }) {
    // One that is shown stays until the server has said what takes its place.
    if (themes.has(id)) themes.set(id, { ...themes.get(id), deleted: true });
  },
  "theme.restore"(themes, _ids, { id }) {
    if (themes.has(id)) themes.set(id, { ...themes.get(id), deleted: false });
  },
};

function set(state, ids, themes, { dark, light, ...fields }) {
  for (const [scheme, id] of Object.entries({ dark, light })) if (themes.has(id)) ids[scheme] = id;
  return { ...state, ...fields };
}

/** A colour that is null goes back to what the theme began as, where that is known. */
function definite(colours, theme, themes) {
  const origin = themes.get(theme.provenance)?.colours ?? theme.colours;
  return Object.fromEntries(Object.entries(colours).map(([name, colour]) => [name, colour ?? origin[name]]));
}
