import { at } from "./paths.js";
import { shownTheme } from "./themes/state/theme-store.js";

/** Bounds of a report, as the server checks them (`terminal/page_metrics.py`). */
const MAX_MS = 60_000;
const MAX_SWITCHES = 20;
const MAX_ERRORS = 100;
/** Reports of one load: each time that the page is hidden with something new to report. */
const MAX_REPORTS = 10;

/** Measures a load of the page: collects timings, and returns each of them once. */
export class PageMetrics {
  /** @type {Record<string, number>} */
  #once = {};
  /** @type {Set<string>} */
  #known = new Set();
  /** @type {number[]} */
  #switches = [];
  #errors = 0;
  #reports = 0;

  /**
   * Records a timing of the load; only the first of its name counts.
   *
   * @param {"first_paint_ms" | "connected_ms"} name
   * @param {number | undefined} ms
   */
  record(name, ms) {
    if (ms === undefined || this.#known.has(name)) return;
    this.#known.add(name);
    if (ms <= MAX_MS) this.#once[name] = Math.round(ms);
  }

  /** @param {number} ms from the user's choice of another theme to the painted frame */
  recordSwitch(ms) {
    if (ms <= MAX_MS && this.#switches.length < MAX_SWITCHES) this.#switches.push(Math.round(ms));
  }

  /**
   * Returns what was not reported yet, `null` if that is nothing.
   *
   * @param {number} errors of scripts since the page was loaded
   */
  take(errors) {
    const fresh = Math.min(errors - this.#errors, MAX_ERRORS);
    const empty = !fresh && !this.#switches.length && !Object.keys(this.#once).length;
    if (empty || this.#reports === MAX_REPORTS) return null;
    const report = { ...this.#once, theme_switch_ms: this.#switches, errors: fresh };
    this.#reports += 1;
    this.#errors = errors;
    this.#once = {};
    this.#switches = [];
    return report;
  }
}

/**
 * Returns whether the user asked sites not to collect data, with Global Privacy Control or Do Not Track.
 *
 * @param {{globalPrivacyControl?: boolean, doNotTrack?: string | null}} browser
 */
export const optsOut = ({ globalPrivacyControl, doNotTrack }) => globalPrivacyControl === true || doNotTrack === "1";

/**
 * Reports timings of this load when the page is hidden, because a report while it works would delay it.
 *
 * @param {import("./app.js").App} app
 * @param {{count: number}} errors of scripts since the page was loaded
 * @param {boolean} wasHidden whether the page was loaded in the background, where the timings have no meaning
 */
export function measurePage(app, errors, wasHidden) {
  if (optsOut(navigator)) return;
  const metrics = new PageMetrics();
  listenToThemes(app, metrics);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) return;
    if (!wasHidden) {
      metrics.record("first_paint_ms", performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
      metrics.record("connected_ms", app.connectedAt);
    }
    const report = metrics.take(errors.count);
    if (report) navigator.sendBeacon(at("page-metrics"), JSON.stringify(report));
  });
}

/** @param {import("./app.js").App} app @param {PageMetrics} metrics */
function listenToThemes({ themeStore }, metrics) {
  const shownId = () => {
    const shown = shownTheme(themeStore.state);
    return shown && "id" in shown ? shown.id : undefined;
  };
  let before = shownId();
  themeStore.subscribe(() => {
    const now = shownId();
    if (now === before) return;
    const began = performance.now();
    const first = before === undefined;
    before = now;
    // The painter subscribed first, so its frame callback has run; a task after it runs when the frame is painted.
    if (!first && !document.hidden) requestAnimationFrame(() => setTimeout(() => metrics.recordSwitch(performance.now() - began)));
  });
}
