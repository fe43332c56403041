import { at } from "../paths.js";
import { byId, element } from "../ui/dom.js";

/** Where the share sheet, through the worker, opens the page. */
const SHARED = "?shared";
/** How long the worker may take to hand over a shared text. */
const ANSWER_MS = 5000;

/** @typedef {import("../app.js").App} App */

let started = false;

/**
 * Registers the service worker when the page is connected, offers new releases, and takes a shared text. Without a worker, as in a
 * private window, the page works as before.
 * @param {App} app
 */
export function linkWorker(app) {
  if (started) return;
  started = true;
  if (location.search === SHARED) takeShared(app);
  const connection = byId("connection");
  const address = workerAddress();
  /** @type {ServiceWorkerRegistration | null} */
  let registration = null;
  const connected = async () => {
    if (connection.dataset.state !== "connected") return;
    // A server that was deployed anew closed the socket.
    if (registration) await registration.update().catch(() => {});
    else registration = await register(address, app);
  };
  new MutationObserver(connected).observe(connection, { attributes: true, attributeFilter: ["data-state"] });
  connected();
}

/** Returns the worker's address in the form that Trusted Types require: no other script can be registered. */
function workerAddress() {
  const path = at("service-worker.js");
  /** @type {{trustedTypes?: {createPolicy(name: string, rules: {createScriptURL: () => string}): {createScriptURL(text: string): unknown}}}} */
  const { trustedTypes } = /** @type {any} */ (globalThis);
  const address = trustedTypes?.createPolicy("service-worker", { createScriptURL: () => path }).createScriptURL("") ?? path;
  return /** @type {string} */ (address);
}

/** @param {string} address @param {App} app */
async function register(address, app) {
  try {
    const registration = await navigator.serviceWorker.register(address, { scope: at(""), type: "module", updateViaCache: "none" });
    offerUpdates(registration, app);
    return registration;
  } catch {
    // The browser stores nothing here, or supports no modules in workers.
    return null;
  }
}

/** @param {ServiceWorkerRegistration} registration @param {App} app */
function offerUpdates(registration, app) {
  /** @type {ServiceWorker | null} */
  let offered = null;
  const offer = async () => {
    const { waiting } = registration;
    if (!waiting || waiting === offered || !navigator.serviceWorker.controller) return;
    offered = waiting;
    const { showNotice } = await import("../ui/notice-bar.js");
    const text = "A new version of this page is available. Reloading empties the log.";
    await showNotice(app, {
      label: "New version", announcement: text, content: [element("p", {}, text)],
      actions: [["reload", () => activate(waiting)], ["later", (close) => close()]],
    });
  };
  registration.addEventListener("updatefound", () => {
    const { installing } = registration;
    installing?.addEventListener("statechange", offer);
  });
  offer();
}

/** Activates the new release, and shows it. @param {ServiceWorker} waiting */
function activate(waiting) {
  // Another tab has activated it.
  if (waiting.state !== "installed") return location.reload();
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  return waiting.postMessage("activate");
}

/**
 * Puts the shared text into the prompt. It is not spoken: another site may have sent it.
 * @param {App} app
 */
async function takeShared(app) {
  history.replaceState(null, "", at(""));
  const text = await ask(navigator.serviceWorker.controller);
  if (text) app.prompt.edit(withoutCommand(text));
  else if (text === null) app.status.hint("The shared text is too long. Save it as a file, and open that.", "error");
  else app.status.hint("The shared text did not arrive. Share it again.", "error");
}

/** Returns a text that is not a command when it is entered. @param {string} text */
const withoutCommand = (text) => text.replace(/^\//, "//");

/** @param {ServiceWorker | null} worker @returns {Promise<string | null | undefined>} */
function ask(worker) {
  return new Promise((resolve) => {
    if (!worker) return resolve(undefined);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data);
    worker.postMessage("take-shared", [port2]);
    return setTimeout(() => resolve(undefined), ANSWER_MS);
  });
}
