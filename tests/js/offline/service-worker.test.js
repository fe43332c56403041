import assert from "node:assert/strict";
import { test } from "node:test";
import { PageWorker, readBounded, retire, sharedText, start } from "../../../static/js/offline/service-worker.js";
import { Clock } from "../support.js";

const SITE = "https://speech.example.com";
const CONFIG = {
  root: "/voice/", staticRoot: "/voice/static/", release: "two", shell: "/voice/offline/two",
  files: ["a", "b", "c", "d", "e", "f"].map((name) => `/voice/static/js/${name}.0123.js`), maxSharedBytes: 1000,
};

/** Named caches in order of creation, as in the browser. */
class Caches {
  stored = new Map();

  async open(name) {
    if (!this.stored.has(name)) this.stored.set(name, new Map());
    return { put: async (address, response) => void this.stored.get(name).set(address, response) };
  }

  keys = async () => [...this.stored.keys()];
  delete = async (name) => this.stored.delete(name);

  async match(request, { cacheName } = {}) {
    const path = request.url ? new URL(request.url).pathname : request;
    const found = [...this.stored].filter(([name]) => !cacheName || name === cacheName).map(([, files]) => files.get(path));
    return found.find(Boolean);
  }
}

/** A worker whose network the test controls: `answer` returns the response to an address, or throws. */
function workerWith({ caches = new Caches(), config = {}, answer = () => new Response("network") } = {}) {
  const [asked, clock] = [[], new Clock()];
  const deps = {
    caches, origin: SITE, now: () => clock.now, setTimeout: clock.setTimeout, redirect: (address) => Response.redirect(SITE + address, 303),
    fetch: async (request, options) => {
      asked.push([request.url ?? request, options]);
      return answer(request.url ?? request);
    },
  };
  return { worker: new PageWorker({ ...CONFIG, ...config }, deps), caches, clock, asked };
}

/** Node's Request cannot be a navigation. */
const navigation = (path, init) => Object.defineProperty(new Request(SITE + path, init), "mode", { value: "navigate" });
const file = (path, init) => new Request(SITE + path, init);
const share = (body) => navigation("/voice/share", { method: "POST", body, headers: { "Content-Type": "application/x-www-form-urlencoded" } });
const offline = () => { throw new TypeError("no network"); };

test("stores the files and the page of its release without cookies, and nothing else", async () => {
  const { worker, caches, asked } = workerWith();
  await worker.install();
  assert.deepEqual([...caches.stored.get("alphanumeric /voice/ two").keys()], [...CONFIG.files, CONFIG.shell]);
  assert.ok(asked.every(([, { credentials, redirect }]) => credentials === "omit" && redirect === "error"));
});

test("stores all files or none, so that no page mixes releases", async () => {
  for (const broken of [CONFIG.shell, CONFIG.files[4]]) {
    const answer = (address) => new Response("", { status: address === broken ? 404 : 200 });
    const { worker, caches } = workerWith({ answer });
    await assert.rejects(worker.install(), /404/);
    assert.equal(caches.stored.size, 0);
  }
});

test("shows the server's page, and the stored one without a network, behind a proxy without a server, or after a long wait", async () => {
  let answer = () => new Response("the server's");
  const { worker, clock } = workerWith({ answer: (address) => answer(address) });
  await worker.install();
  const shown = async () => (await worker.respond(navigation("/voice/?plain"))).text();
  answer = () => new Response("fresh");
  assert.equal(await shown(), "fresh");
  answer = () => new Response("an error of the server", { status: 503 });
  assert.equal(await shown(), "an error of the server");
  answer = () => new Response("bad gateway", { status: 502 });
  assert.equal(await (await worker.respond(navigation("/voice/"))).text(), "the server's");
  answer = offline;
  assert.equal((await worker.respond(navigation("/voice/"))).status, 200);
  answer = () => new Promise(() => {});
  const waiting = worker.respond(navigation("/voice/"));
  clock.pass(8000);
  assert.equal((await waiting).status, 200);
});

test("without a stored page, the browser shows its own error", async () => {
  await assert.rejects(workerWith({ answer: offline }).worker.respond(navigation("/voice/")), TypeError);
  const { worker } = workerWith({ answer: () => new Response("bad gateway", { status: 502 }) });
  assert.equal((await worker.respond(navigation("/voice/"))).status, 502);
});

test("serves modules of installed releases from the store, and others from the network", async () => {
  const { worker, asked } = workerWith({ answer: (address) => new Response(`from ${address}`) });
  await worker.install();
  const before = asked.length;
  assert.equal(await (await worker.respond(file(CONFIG.files[0]))).text(), `from ${CONFIG.files[0]}`);
  assert.equal(asked.length, before);
  assert.match(await (await worker.respond(file("/voice/static/js/new.9.js"))).text(), /new\.9/);
});

test("leaves everything else to the browser", () => {
  const { worker } = workerWith();
  for (const request of [
    navigation("/voice/accounts/"), navigation("/"), navigation("/voice/share"), navigation("/voice/", { method: "POST", body: "text=a" }),
    file("/voice/theme.css"), file("/voice/v1/models"), file("/static/a.js"), file(CONFIG.files[0], { headers: { Range: "bytes=0-" } }),
    new Request("https://other.example/voice/static/a.js"),
  ]) assert.equal(worker.respond(request), null, request.url);
});

test("keeps the previous release, whose tabs may be open, and no older one", async () => {
  const caches = new Caches();
  for (const name of ["alphanumeric /voice/ zero", "alphanumeric / other", "alphanumeric /voice/ one", "somebody's"]) await caches.open(name);
  const { worker } = workerWith({ caches });
  await worker.install();
  await worker.activate();
  assert.deepEqual(await caches.keys(), ["alphanumeric / other", "alphanumeric /voice/ one", "somebody's", "alphanumeric /voice/ two"]);
});

test("a shared text waits in memory, once, for a minute, and only the newest", async () => {
  const { worker, caches, clock } = workerWith();
  const answer = await worker.respond(share("title=A+page&text=Read+this&url=https%3A%2F%2Fexample.com%2F"));
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.get("Location"), `${SITE}/voice/?shared`);
  assert.equal(worker.takeShared(), "A page\nRead this\nhttps://example.com/");
  assert.equal(worker.takeShared(), undefined);
  for (let place = 0; place < 100; place += 1) await worker.respond(share(`text=${place}`));
  assert.equal(worker.takeShared(), "99");
  await worker.respond(share("text=late"));
  clock.pass(60_001);
  assert.equal(worker.takeShared(), undefined);
  assert.equal(caches.stored.size, 0, "no text is stored");
});

test("a shared text that is too long is not read to its end", async () => {
  const { worker } = workerWith();
  await worker.respond(share(`text=${"a".repeat(2000)}`));
  assert.equal(worker.takeShared(), null);
  let read = 0;
  const endless = new ReadableStream({ pull: (stream) => stream.enqueue(new Uint8Array(100 * (read += 1) ** 0)) });
  assert.equal(await readBounded({ body: endless }, 1000), null);
  assert.ok(read < 20);
  assert.equal(await readBounded({ text: async () => "short" }, 10), "short");
  assert.equal(await readBounded({ text: async () => "longer than that" }, 10), null);
  assert.equal(await readBounded(share("text=%C3%A9"), 100), "text=%C3%A9");
});

test("a shared text has each line once", () => {
  const cases = [
    [{ text: "https://example.com/" }, "https://example.com/"],
    [{ title: "News", text: "News https://example.com/", url: "https://example.com/" }, "News https://example.com/"],
    [{ title: "News", text: "News" }, "News"],
    [{ title: " ", text: "", other: "x" }, ""],
  ];
  for (const [fields, text] of cases) assert.equal(sharedText(new URLSearchParams(fields)), text);
});

/** The scope of a worker; `fire` dispatches an event, and waits for its work. */
class Scope {
  listeners = {};
  calls = [];
  caches = new Caches();
  location = { origin: SITE };
  clients = { claim: async () => void this.calls.push("claim") };
  registration = { unregister: async () => void this.calls.push("unregister") };
  addEventListener = (type, listener) => { this.listeners[type] = listener; };
  skipWaiting = async () => void this.calls.push("skipWaiting");
  fetch = async () => new Response("network");

  async fire(type, fields = {}) {
    const work = [];
    this.listeners[type]({ ...fields, waitUntil: (one) => work.push(one), respondWith: (one) => work.push(one) });
    return Promise.all(work);
  }
}

test("a new release waits for the user, and answers pages by messages", async () => {
  const scope = new Scope();
  start(scope, CONFIG);
  await scope.fire("install");
  assert.deepEqual(scope.calls, [], "it does not replace the release of open tabs");
  await scope.fire("activate");
  assert.deepEqual(scope.calls, ["claim"]);
  await scope.fire("message", { data: "activate", ports: [] });
  assert.equal(scope.calls.at(-1), "skipWaiting");
  const taken = [];
  await scope.fire("message", { data: "take-shared", ports: [{ postMessage: (text) => taken.push(text) }] });
  assert.deepEqual(taken, [undefined]);
  assert.deepEqual(await scope.fire("fetch", { request: file("/voice/theme.css") }), []);
  const [answer] = await scope.fire("fetch", { request: navigation("/voice/") });
  assert.equal(await answer.text(), "network");
});

test("a worker that the operator switched off deletes its files and itself", async () => {
  const scope = new Scope();
  for (const name of ["alphanumeric /voice/ one", "alphanumeric / other"]) await scope.caches.open(name);
  retire(scope, "/voice/");
  await scope.fire("install");
  await scope.fire("activate");
  assert.deepEqual(scope.calls, ["skipWaiting", "unregister"]);
  assert.deepEqual(await scope.caches.keys(), ["alphanumeric / other"]);
});
