/** Test doubles for the theme modules: a server with the themes of one owner, and its tabs. */

import { PendingChanges } from "../../../static/js/themes/state/pending-changes.js";
import { ThemePainter } from "../../../static/js/themes/theme-painter.js";
import { reduceThemes } from "../../../static/js/themes/state/theme-reducer.js";
import { dispatchMessage, resumeDevice, ThemeStore } from "../../../static/js/themes/state/theme-store.js";
import { Clock } from "../support.js";

export function shown(id, { scheme = "dark", own = false, accent = "#000001", ...more } = {}) {
  return {
    id, own, scheme, name: id, revision: 1, provenance: "", colors: { accent, onAccent: "#000002" },
    typography: { font: "system", size: 16, lineHeight: 1.6 }, ...more,
  };
}

export function appearance(fields = {}) {
  return { revision: 1, mode: "dark", device_only: false, minimum_contrast: 4.5, dark: shown("ocean-dark"), light: shown("ocean-light", { scheme: "light" }), ...fields };
}

/** The page of a painter: draws when the test calls `draw`, and records the properties. */
export class FakePage {
  painted = {};
  paints = [];
  theme = null;
  frames = [];

  deps = {
    frame: (draw) => this.frames.push(draw),
    setProperty: (name, value) => {
      this.painted[name] = value;
      this.paints.push(name);
    },
    onPainted: (theme) => { this.theme = theme; },
  };

  draw() {
    for (const frame of this.frames.splice(0)) frame();
  }
}

/** A tab; `sent` has its messages, which get no response. */
export class Tab {
  page = new FakePage();
  clock = new Clock();
  sent = [];
  refused = [];
  connected = true;

  constructor({ state = appearance(), ...created } = {}) {
    this.store = new ThemeStore();
    resumeDevice(this.store, this.send);
    new ThemePainter(this.store, this.page.deps);
    this.store.addReducer(reduceThemes);
    this.changes = new PendingChanges(this.store, this.send, { onRefused: (error) => this.refused.push(error), onRequested: () => {} },
      { now: () => this.clock.now, setTimeout: this.clock.setTimeout });
    if (state) this.receive("session.created", { theme: state, account: null, device: null, ...created });
  }

  send = (type, fields) => this.connected && this.sent.push({ type, ...structuredClone(fields) }) > 0;

  get state() {
    return this.store.state;
  }

  receive(type, fields) {
    return dispatchMessage(this.store, { type, ...structuredClone(fields) });
  }

  /** Receives the complete list of themes. */
  receiveList(...themes) {
    this.store.dispatch({ type: "list.requested" });
    this.receive("theme.listed", { themes, last: true });
  }

  get accent() {
    this.page.draw();
    return this.page.painted["--accent"];
  }
}

/** Applies changes in order of arrival, as the real server does (last write wins); the tests deliver its messages. */
export class Server {
  revision = 1;
  themes = new Map([["ocean-dark", shown("ocean-dark")], ["ocean-light", shown("ocean-light", { scheme: "light" })]]);
  prefers = { mode: "dark", device_only: false, minimum_contrast: 4.5, dark: "ocean-dark", light: "ocean-light" };

  get state() {
    const { dark, light, ...rest } = this.prefers;
    return structuredClone({ ...rest, revision: this.revision, dark: this.themes.get(dark), light: this.themes.get(light) });
  }

  /** @returns {{type: string}} the response */
  apply({ type, request_id, id, ...fields }) {
    const code = this.#do(type, id, fields);
    if (code) return { type: "error", request_id, code, message: `${code}.` };
    this.revision += 1;
    return { type: "theme.saved", request_id, revision: this.revision };
  }

  #do(type, id, { source, name, activate, colors, ...fields }) {
    if (type === "theme.set") Object.assign(this.prefers, fields);
    else if (type === "theme.create") {
      if (this.themes.has(id)) return "theme_id_taken";
      const made = { ...this.themes.get(source), id, own: true, name, provenance: source };
      this.themes.set(id, made);
      if (activate) this.prefers[made.scheme] = id;
    } else if (!this.themes.get(id)?.own) return "theme_unknown";
    else if (type === "theme.edit") {
      const theme = this.themes.get(id);
      this.themes.set(id, { ...theme, ...fields, revision: theme.revision + 1, colors: { ...theme.colors, ...colors } });
    } else if (type === "theme.delete") this.themes.delete(id);
    return null;
  }
}
