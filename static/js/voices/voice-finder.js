import { ApiError, ask, sendForm } from "../site-api.js";
import { button, enable } from "../ui/controls.js";
import { element, setText } from "../ui/dom.js";
import { matches, sizeOf } from "./voice-facts.js";

const POLL_MS = 1000;
const MAX_SHOWN = 60;
const QUALITIES = ["x_low", "low", "medium", "high"];
const NO_ACCESS = "The list of voices is not available to you here. Sign in to the admin, and open this dialog again.";

/** Finds voices in the public catalogs and installs them, for operators. */
export class VoiceFinder {
  /** @type {CatalogVoice[]} */
  #voices = [];
  #token = "";
  #loaded = false;
  /** Resolves when the CSRF token has arrived. @type {Promise<void>} */
  #opened = Promise.resolve();
  /** @type {ReturnType<typeof setTimeout> | null} */
  #timer = null;
  /** Names of the installations that were active in the last answer. @type {Set<string>} */
  #active = new Set();

  /**
   * @param {string} address of the catalog's pages
   * @param {object} page
   * @param {(tag: string, fallback?: string) => string} page.nameOf names a language
   * @param {(text: string, kind?: MessageKind) => void} page.notify
   * @param {(id: string) => void} page.choose shows an installed voice
   * @param {() => void} page.changed called when a voice was installed
   */
  constructor(address, { nameOf, notify, choose, changed }) {
    this.address = address;
    this.nameOf = nameOf;
    this.notify = notify;
    this.choose = choose;
    this.changed = changed;
    this.field = element("input", { id: "catalog-search", type: "search", autocomplete: "off", spellcheck: "false", placeholder: "language or name" });
    this.quality = element("select", { id: "catalog-quality" }, element("option", { value: "" }, "any quality"),
      ...QUALITIES.map((name) => element("option", { value: name }, name)));
    this.refreshButton = button("download the lists", () => this.#refresh());
    this.age = element("span", { class: "muted" });
    this.count = element("p", { class: "muted", role: "status" });
    this.list = element("ul", { class: "catalog", "aria-label": "Voices to install", tabindex: "-1" });
    this.progress = element("ul", { class: "installations", "aria-label": "Installations" });
    this.node = element("div", { class: "finder" },
      element("p", { class: "action-row" }, element("label", { for: "catalog-search" }, "language"), this.field,
        element("label", { for: "catalog-quality", class: "visually-hidden" }, "quality"), this.quality),
      element("p", { class: "action-row" }, this.refreshButton, this.age), this.progress, this.count, this.list);
    this.field.addEventListener("input", () => this.#list());
    this.quality.addEventListener("change", () => this.#list());
  }

  /** Shows the cached lists, and follows installations. */
  open() {
    this.field.focus();
    this.#opened = this.#attempt(async () => {
      if (!this.#loaded) this.#show(await ask(`${this.address}voices.json`));
      this.#follow(await ask(`${this.address}installations.json`));
    });
  }

  /** Stops following installations, which continue. */
  pause() {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Downloads the lists. */
  async #refresh() {
    enable(this.refreshButton, false);
    this.notify("Downloading the lists …");
    await this.#opened;
    await this.#attempt(async () => {
      const catalog = await sendForm(`${this.address}refresh.json`, {}, this.#token);
      this.notify("The lists are up to date.");
      this.#show(catalog);
      this.field.focus();
    });
    enable(this.refreshButton, true);
  }

  /** @param {Catalog} catalog */
  #show({ voices, age, place, warnings, csrf_token: token }) {
    this.#token = token;
    this.#voices = voices;
    this.#loaded = true;
    setText(this.age, age === null ? `No list has been downloaded yet. They come from ${place}.` : `The lists of ${place} are ${age} old.`);
    setText(this.refreshButton, age === null ? "download the lists" : "update the lists");
    if (warnings.length) this.notify(warnings.join(" "), "error");
    this.#list();
  }

  #list() {
    const quality = this.quality.value;
    const found = this.#voices.filter((voice) => (!quality || voice.quality === quality)
      && matches(this.field.value, [voice.name, voice.language, this.nameOf(voice.language, voice.language_name), voice.language_name, voice.native_name, voice.country]));
    this.list.replaceChildren(...found.slice(0, MAX_SHOWN).map((voice) => this.#row(voice)));
    const hidden = found.length - MAX_SHOWN;
    const all = `${found.length} voice${found.length === 1 ? "" : "s"}`;
    setText(this.count, this.#voices.length ? `${all}${hidden > 0 ? `, of which ${MAX_SHOWN} are shown: write a language or a name` : ""}.` : "");
  }

  /** @param {CatalogVoice} voice */
  #row(voice) {
    const facts = [
      this.nameOf(voice.language, voice.language_name), voice.quality?.replace("_", " "),
      voice.speakers && voice.speakers > 1 ? `${voice.speakers} speakers` : "", sizeOf(voice.size_bytes), voice.license,
    ];
    const row = element("li", {}, element("span", { class: "name" }, voice.name));
    if (this.#active.has(voice.name)) facts.push("being installed");
    else row.append(voice.installed
      ? button("show", () => this.choose(voice.id), { label: `show ${voice.name}` })
      : button("install", () => this.#ask(voice, row), { label: `install ${voice.name}` }));
    row.append(element("span", { class: "muted facts" }, facts.filter(Boolean).join(" · ")));
    return row;
  }

  /** Shows license and size before a voice is installed. @param {CatalogVoice} voice @param {HTMLElement} row */
  async #ask(voice, row) {
    if (row.querySelector(".confirm")) return;
    this.notify(`Reading the license of ${voice.name} …`);
    await this.#attempt(async () => {
      const { license, size_bytes: size, place } = await sendForm(`${this.address}details.json`, { name: voice.name }, this.#token);
      this.notify("");
      const box = element("div", { class: "confirm" }, element("p", {}, [
        `License: ${license || "not stated. Ask the author before you publish its speech"}.`,
        `Download: ${sizeOf(size) || "of unknown size"} from ${place}; installed, it needs about twice that.`].join(" ")));
      const back = () => {
        box.remove();
        row.querySelector("button")?.focus();
      };
      const start = button("download and install", () => this.#install(voice), { class: "primary", label: `download and install ${voice.name}` });
      box.append(element("p", { class: "action-row" }, start, button("back", back, { label: `back, without installing ${voice.name}` })));
      row.append(box);
      start.focus();
    });
  }

  /** @param {CatalogVoice} voice */
  async #install(voice) {
    await this.#attempt(async () => {
      const answer = await sendForm(`${this.address}install.json`, { name: voice.name }, this.#token);
      this.notify(`${voice.name} is being installed.`);
      this.#active.add(voice.name);
      this.#follow(answer);
      this.#list();
      this.progress.querySelector("button")?.focus();
    });
  }

  /** @param {{installations: Installation[], csrf_token: string}} answer */
  #follow({ installations, csrf_token: token }) {
    this.#token = token;
    const rows = installations.filter(({ active, name }) => active || this.#active.has(name));
    const newest = rows.filter(({ name }, place) => rows.findIndex((row) => row.name === name) === place);
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.ariaLabel : null;
    const hadFocus = this.progress.contains(document.activeElement);
    this.progress.replaceChildren(...newest.filter(({ active }) => active).map((row) => this.#installation(row)));
    if (hadFocus) {
      const same = [...this.progress.querySelectorAll("button")].find(({ ariaLabel }) => ariaLabel === focused);
      (same ?? this.field).focus();
    }
    const ended = newest.filter(({ active }) => !active);
    this.#active = new Set(newest.filter(({ active }) => active).map(({ name }) => name));
    for (const row of ended) this.#ended(row);
    this.pause();
    if (this.#active.size) this.#timer = setTimeout(() => this.#poll(), POLL_MS);
  }

  async #poll() {
    try {
      this.#follow(await ask(`${this.address}installations.json`));
    } catch {
      // The server may restart: the installation continues without it.
      this.#timer = setTimeout(() => this.#poll(), POLL_MS);
    }
  }

  /** @param {Installation} row */
  #installation({ id, name, step, percent, stopping }) {
    const bar = element("progress", { max: "100", "aria-label": `Download of ${name}` });
    if (percent !== null) bar.value = percent;
    return element("li", {}, element("span", { class: "name" }, name), bar,
      element("span", { class: "muted facts" }, stopping ? "being cancelled" : `${step || "waits"}${percent === null ? "" : `, ${percent} %`}`),
      ...(stopping ? [] : [button("cancel", () => this.#cancel(id), { label: `cancel the installation of ${name}` })]));
  }

  /** @param {number} id */
  async #cancel(id) {
    await this.#attempt(async () => this.#follow(await sendForm(`${this.address}cancel.json`, { id: String(id) }, this.#token)));
  }

  /** @param {Installation} row */
  #ended({ name, state, message }) {
    if (state !== "done") {
      this.#list();
      this.notify(state === "cancelled" ? `The installation of ${name} is cancelled.` : `${name} is not installed. ${message}`, state === "cancelled" ? "notice" : "error");
      return;
    }
    const voice = this.#voices.find((each) => each.name === name);
    if (voice) voice.installed = true;
    this.#list();
    this.notify(`${name} is installed. ${message}`);
    this.changed();
    // The user waited for it: the next key shows it.
    [...this.list.querySelectorAll("button")].find(({ ariaLabel }) => ariaLabel === `show ${name}`)?.focus();
  }

  /** Does something, and shows why it failed. @param {() => Promise<void>} work */
  async #attempt(work) {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // The admin answers with its sign-in page, which is no JSON.
      this.notify(error.code || !error.status ? error.message : NO_ACCESS, "error");
    }
  }
}
