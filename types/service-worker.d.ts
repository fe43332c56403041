/** What the service worker uses of its global scope: TypeScript's own types of it exclude those of pages. */

interface WorkerConfig {
  /** The path of the site, with a slash at the end. */
  root: string;
  /** The path of static files, with a slash at the end. */
  staticRoot: string;
  release: string;
  /** The page for a browser without a network. */
  shell: string;
  files: string[];
  maxSharedBytes: number;
}
interface WorkerDeps {
  caches: CacheStorage; fetch: typeof fetch; origin: string;
  now(): number; setTimeout(work: () => void, ms: number): unknown;
  redirect(address: string): Response;
}
interface WorkerEvent extends Event { waitUntil(work: Promise<unknown>): void }
interface WorkerFetchEvent extends WorkerEvent {
  request: Request; respondWith(response: Promise<Response>): void;
}
interface WorkerScope {
  caches: CacheStorage; fetch: typeof fetch; location: Location; clients: { claim(): Promise<void> };
  registration: ServiceWorkerRegistration; skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: WorkerEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: WorkerFetchEvent) => void): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
}
