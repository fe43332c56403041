import { applyChanges } from "./apply-changes.js";

const MERGEABLE = ["theme.set", "theme.edit"];
/** The server's error codes for a change that it had saved before the connection was lost. */
const ALREADY_SAVED = { "theme.create": "theme_id_taken", "theme.delete": "theme_unknown" };

/**
 * Adds this tab's pending changes and the list of all themes to the store's state.
 * @type {ThemeReducer}
 */
export function reduceThemes(state, action) {
  const next = reduceList({ ...state, changes: reduceQueue(state, action) }, action);
  if (!next.server) return { ...next, current: null, themes: [] };
  const applied = applyChanges(next.server, next.known, next.changes);
  return { ...next, current: applied.state, themes: [...applied.themes.values()].filter(({ deleted }) => !deleted) };
}

/**
 * Returns the unsent change that can be merged with these fields without overtaking a change that it depends on.
 * @param {ThemeChange[]} changes
 * @param {ChangeRequest} request
 * @returns {ThemeChange | null}
 */
export function mergeTarget(changes, request) {
  for (const change of changes.slice().reverse()) {
    if (change.sent || !isMergeable(change) || !isMergeable(request)) return null;
    if (change.type === request.type && change.fields.id === request.fields.id) return change;
  }
  return null;
}

/**
 * Returns whether the error means that a repeated change had been saved the first time.
 * @param {ThemeChange} change
 * @param {{code: string}} error
 */
export function wasAlreadySaved(change, { code }) {
  return change.resent && code === /** @type {Record<string, string>} */ (ALREADY_SAVED)[change.type];
}

/**
 * Returns the theme of that id among all that can be chosen.
 * @param {ThemeState} state
 * @param {string} id
 */
export function findById({ themes }, id) {
  return themes.find((theme) => theme.id === id);
}

/**
 * @param {ThemeState} state
 * @param {ThemeAction} action
 * @returns {ThemeChange[]}
 */
function reduceQueue({ changes, server }, action) {
  switch (action.type) {
    case "change.requested":
      return requested(changes, action);
    case "change.sent":
      return changes.map((change) => (change.number === action.number ? { ...change, sent: true } : change));
    // A new connection knows no earlier request: saved changes are in its state; whether the others arrived is unknown.
    case "session.created":
      return changes.filter(({ saved }) => saved === null).map((change) => ({ ...change, sent: false, resent: change.sent || change.resent }));
    case "error":
      return refused(changes, action);
    case "theme.saved":
      return unsaved(changes.map((change) => (change.number === action.request_id ? { ...change, saved: action.revision } : change)), server);
    default:
      return action.type.startsWith("theme.") ? unsaved(changes, server) : changes;
  }
}

/**
 * @param {ThemeState} state
 * @param {ThemeAction} action
 * @returns {ThemeState}
 */
function reduceList(state, action) {
  switch (action.type) {
    case "session.created":
    case "list.abandoned":
      return { ...state, listed: false, listing: null };
    case "theme.changed":
    case "list.outdated":
      return { ...state, listed: false };
    case "list.requested":
      return { ...state, listing: [] };
    case "theme.listed": {
      if (!state.listing) return state;
      const listing = [...state.listing, ...action.themes];
      if (!action.last) return { ...state, listing };
      return { ...state, listing: null, listed: true, known: new Map(listing.map((theme) => [theme.id, theme])) };
    }
    default:
      return state;
  }
}

/**
 * @param {ThemeChange[]} changes
 * @param {{number: number, request: ChangeRequest}} action
 * @returns {ThemeChange[]}
 */
function requested(changes, { number, request: { type, fields } }) {
  if (!changes.some((change) => change.number === number)) {
    return [...changes, { number, type, fields, sent: false, resent: false, saved: null }];
  }
  return changes.map((change) => (change.number === number ? { ...change, fields: merged(change.fields, fields) } : change));
}

/**
 * @param {ThemeChange[]} changes
 * @param {ErrorMessage} error
 */
function refused(changes, error) {
  const change = changes.find(({ number }) => number === error.request_id);
  if (!change) return changes;
  // Without the new theme, its edits do not apply.
  const lost = change.type === "theme.create" && !wasAlreadySaved(change, error) ? change.fields.id : null;
  return changes.filter((other) => other !== change && !(lost && other.fields.id === lost));
}

/**
 * @param {ThemeChange[]} changes
 * @param {Appearance | null} server
 */
function unsaved(changes, server) {
  const revision = server?.revision ?? 0;
  return changes.filter(({ saved }) => saved === null || saved > revision);
}

/** @param {ChangeRequest} request */
function isMergeable({ type, fields }) {
  return MERGEABLE.includes(type) && fields.device_only === undefined && fields.revision === undefined;
}

/**
 * @param {ChangeFields} earlier
 * @param {ChangeFields} later
 * @returns {ChangeFields}
 */
function merged(earlier, later) {
  const fields = { ...earlier, ...later };
  if (later.colors) fields.colors = { ...earlier.colors, ...later.colors };
  if (later.typography) fields.typography = { ...earlier.typography, ...later.typography };
  return fields;
}
