import assert from "node:assert/strict";
import { test } from "node:test";
import { measurePage, optsOut, PageMetrics } from "../../static/js/page-metrics.js";
import { ThemeStore } from "../../static/js/themes/state/theme-store.js";

/** A browser with a clock, whose page the test hides and shows. */
class Browser {
  sent = [];
  now = 0;
  frames = [];
  paints = [{ startTime: 180.4 }];

  constructor(t, navigator = {}) {
    const document = new EventTarget();
    document.hidden = false;
    this.document = document;
    const own = {
      document,
      navigator: { ...navigator, sendBeacon: (url, body) => this.sent.push([url, JSON.parse(body)]) },
      performance: { now: () => this.now, getEntriesByName: () => this.paints },
      requestAnimationFrame: (draw) => this.frames.push(draw),
      setTimeout: (work) => this.frames.push(work),
    };
    for (const [name, value] of Object.entries(own)) {
      const before = Object.getOwnPropertyDescriptor(globalThis, name);
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
      t.after(() => (before ? Object.defineProperty(globalThis, name, before) : delete globalThis[name]));
    }
  }

  hide() {
    for (const hidden of [true, false]) {
      this.document.hidden = hidden;
      this.document.dispatchEvent(new Event("visibilitychange"));
    }
  }

  /** Lets the planned frame and the task after it run, `ms` later. */
  paint(ms) {
    this.now += ms;
    while (this.frames.length) this.frames.shift()();
  }
}

test("a hidden page reports each number once, and nothing but numbers", (t) => {
  const browser = new Browser(t);
  const errors = { count: 1 };
  measurePage({ themeStore: new ThemeStore(), connectedAt: 450.6 }, errors, false);
  browser.hide();
  browser.hide();
  errors.count = 3;
  browser.hide();
  assert.deepEqual(browser.sent, [
    ["/page-metrics", { first_paint_ms: 180, connected_ms: 451, theme_switch_ms: [], errors: 1 }],
    ["/page-metrics", { theme_switch_ms: [], errors: 2 }],
  ]);
});

test("a theme switch is measured until its frame is painted", (t) => {
  const browser = new Browser(t);
  const store = new ThemeStore({ current: { mode: "dark", dark: { id: "one" }, light: { id: "one" } } });
  measurePage({ themeStore: store, connectedAt: undefined }, { count: 0 }, true);
  const preview = (id) => {
    store.addReducer((state) => ({ ...state, current: { mode: "dark", dark: { id }, light: { id } } }));
  };
  preview("two");
  browser.paint(21.2);
  store.dispatch({ type: "reducer.added" });
  browser.paint(5);
  browser.hide();
  assert.deepEqual(browser.sent, [["/page-metrics", { theme_switch_ms: [21], errors: 0 }]]);
});

test("a browser that opts out reports nothing", (t) => {
  const browser = new Browser(t, { globalPrivacyControl: true });
  measurePage({ themeStore: new ThemeStore(), connectedAt: 1 }, { count: 1 }, false);
  browser.hide();
  assert.deepEqual(browser.sent, []);
  assert.deepEqual([{ doNotTrack: "1" }, { doNotTrack: "0" }, { doNotTrack: null }, {}].map(optsOut), [true, false, false, false]);
});

test("a report stays within the bounds that the server checks", () => {
  const metrics = new PageMetrics();
  metrics.record("connected_ms", 60_001);
  for (let i = 0; i < 30; i += 1) metrics.recordSwitch(i);
  metrics.recordSwitch(70_000);
  assert.deepEqual(metrics.take(500), { theme_switch_ms: Array.from({ length: 20 }, (_, i) => i), errors: 100 });
  for (let i = 1; i < 10; i += 1) assert.ok(metrics.take(500 + i));
  assert.equal(metrics.take(600), null);
});
