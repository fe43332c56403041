/**
 * The service worker: it opens the page without a network, serves the modules of installed releases, and receives shared texts.
 * It stores only files that are the same for all users. The server writes the script that imports this module
 * (`terminal/offline/views.py`).
 */

/** Requests at a time during the installation, which must not delay the page's own. */
const AT_A_TIME = 4;
/** How long the page's document may take before the stored one is shown. */
const PATIENCE_MS = 8000;
/** How long a shared text waits for the page that receives it. */
const SHARED_MS = 60_000;
/** Statuses of a proxy whose server does not answer. */
const UNREACHABLE = [502, 504];
const RELEASES = 2;

/**
 * Returns the text of a share sheet: title, text and address on lines of their own, each once.
 * @param {URLSearchParams} fields
 */
export function sharedText(fields) {
  /** @type {string[]} */
  const lines = [];
  for (const name of ["title", "text", "url"]) {
    const value = (fields.get(name) ?? "").trim();
    if (value && !lines.some((line) => line.includes(value))) lines.push(value);
  }
  // The text often has the title in it.
  return lines.filter((line, place) => !lines.slice(place + 1).some((later) => later.includes(line))).join("\n");
}

/**
 * Reads a body as text; null if it is longer than `most` bytes.
 * @param {Request} request
 * @param {number} most
 */
export async function readBounded(request, most) {
  const reader = request.body?.getReader();
  if (!reader) {
    const text = await request.text();
    return text.length > most ? null : text;
  }
  const decoder = new TextDecoder();
  let [size, text] = [0, ""];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.length;
    if (size > most) {
      await reader.cancel();
      return null;
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** Answers the page's requests. External dependencies are passed in `deps`, so that tests can replace them. */
export class PageWorker {
  /** The text that was shared last, until a page takes it. @type {{text: string | null, at: number} | null} */
  #shared = null;

  /**
   * @param {WorkerConfig} config
   * @param {WorkerDeps} deps
   */
  constructor(config, deps) {
    this.config = config;
    this.deps = deps;
    /** Sites below other paths of this host have caches of their own. */
    this.family = `alphanumeric ${config.root} `;
    this.cacheName = this.family + config.release;
  }

  /** Stores the files of this release: all of them, or none. */
  async install() {
    const { files, shell } = this.config;
    const cache = await this.deps.caches.open(this.cacheName);
    try {
      for (let first = 0; first < files.length; first += AT_A_TIME) {
        await Promise.all(files.slice(first, first + AT_A_TIME).map((address) => this.#store(cache, address, "default")));
      }
      await this.#store(cache, shell, "no-store");
    } catch (problem) {
      await this.deps.caches.delete(this.cacheName);
      throw problem;
    }
  }

  /** Deletes the files of old releases, except those of the previous one: tabs may still show it. */
  async activate() {
    const names = (await this.deps.caches.keys()).filter((name) => name.startsWith(this.family) && name !== this.cacheName);
    await Promise.all(names.slice(0, Math.max(0, names.length - RELEASES + 1)).map((name) => this.deps.caches.delete(name)));
  }

  /**
   * Returns the response to a request, or null: the browser requests it without the worker.
   * @param {Request} request
   */
  respond(request) {
    const { root, staticRoot } = this.config;
    const { origin, pathname } = new URL(request.url);
    if (origin !== this.deps.origin) return null;
    if (request.mode === "navigate") {
      if (pathname === root && request.method === "GET") return this.#page(request);
      return pathname === `${root}share` && request.method === "POST" ? this.#receive(request) : null;
    }
    const isFile = request.method === "GET" && pathname.startsWith(staticRoot) && !request.headers.has("range");
    return isFile ? this.#file(request) : null;
  }

  /** Returns the shared text, once; null: it was too long; undefined: there is none. */
  takeShared() {
    const shared = this.#shared;
    this.#shared = null;
    return shared && this.deps.now() - shared.at <= SHARED_MS ? shared.text : undefined;
  }

  /** @param {Request} request */
  async #page(request) {
    let answer;
    try {
      answer = await this.#soon(this.deps.fetch(request));
      if (!UNREACHABLE.includes(answer.status)) return answer;
    } catch {
      // No network.
    }
    const stored = await this.deps.caches.match(this.config.shell, { cacheName: this.cacheName, ignoreVary: true });
    return stored ?? answer ?? this.deps.fetch(request);
  }

  /** @param {Promise<Response>} answer @returns {Promise<Response>} */
  #soon(answer) {
    return new Promise((resolve, reject) => {
      answer.then(resolve, reject);
      this.deps.setTimeout(() => reject(new Error("too slow")), PATIENCE_MS);
    });
  }

  /** Names of files contain a hash of their content, so a stored one is never outdated. @param {Request} request */
  async #file(request) {
    return (await this.deps.caches.match(request, { ignoreVary: true })) ?? this.deps.fetch(request);
  }

  /**
   * Keeps a shared text in memory and opens the page, which shows it in the prompt. Another site can send this form too, so nothing
   * is spoken before the user confirms. Only the newest text is kept.
   * @param {Request} request
   */
  async #receive(request) {
    const body = await readBounded(request, this.config.maxSharedBytes);
    this.#shared = { text: body === null ? null : sharedText(new URLSearchParams(body)), at: this.deps.now() };
    return this.deps.redirect(`${this.config.root}?shared`);
  }

  /** @param {Cache} cache @param {string} address @param {RequestCache} mode */
  async #store(cache, address, mode) {
    // Without cookies: what is stored is the same for all users of the browser.
    const response = await this.deps.fetch(address, { credentials: "omit", redirect: "error", cache: mode });
    if (!response.ok) throw new Error(`${address}: ${response.status}`);
    await cache.put(address, response);
  }
}

/**
 * Starts the worker. Call it while the script is evaluated: listeners that are added later miss events.
 * @param {WorkerScope} scope
 * @param {WorkerConfig} config
 */
export function start(scope, config) {
  const worker = new PageWorker(config, {
    caches: scope.caches, fetch: (...request) => scope.fetch(...request), now: () => Date.now(), setTimeout: (work, ms) => setTimeout(work, ms),
    origin: scope.location.origin, redirect: (address) => Response.redirect(address, 303),
  });
  scope.addEventListener("install", (event) => event.waitUntil(worker.install()));
  scope.addEventListener("activate", (event) => event.waitUntil(Promise.all([worker.activate(), scope.clients.claim()])));
  scope.addEventListener("fetch", (event) => {
    // Without navigation preload: with it, Firefox shows its error page when the network is gone.
    const response = worker.respond(event.request);
    if (response) event.respondWith(response);
  });
  scope.addEventListener("message", ({ data, ports }) => {
    if (data === "activate") scope.skipWaiting();
    if (data === "take-shared") ports[0]?.postMessage(worker.takeShared());
  });
}

/**
 * Replaces an installed worker where the operator switched it off: deletes its files, and unregisters it.
 * @param {WorkerScope} scope
 * @param {string} root
 */
export function retire(scope, root) {
  scope.addEventListener("install", () => scope.skipWaiting());
  scope.addEventListener("activate", (event) => event.waitUntil((async () => {
    const names = await scope.caches.keys();
    await Promise.all(names.filter((name) => name.startsWith(`alphanumeric ${root} `)).map((name) => scope.caches.delete(name)));
    await scope.registration.unregister();
  })()));
}
