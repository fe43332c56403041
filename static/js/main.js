import { App } from "./app.js";

/** Errors of scripts, which the module for metrics reports as a number. */
const errors = { count: 0 };
for (const type of ["error", "unhandledrejection"]) addEventListener(type, () => (errors.count += 1));
const wasHidden = document.hidden;

const app = new App();
app.start();
if (document.querySelector("link[rel=manifest]") && "serviceWorker" in navigator) {
  const link = () => import("./offline/worker-client.js").then(({ linkWorker }) => linkWorker(app), () => {});
  // A first visit loads nothing for it before the page is used.
  if (navigator.serviceWorker.controller) link();
  else for (const type of ["keydown", "pointerdown"]) addEventListener(type, link, { once: true });
}
// After a while of use.
if (document.querySelector("meta[name=rating]")) {
  setTimeout(() => import("./feedback/ask-rating.js").then(({ askForRating }) => askForRating(app), () => {}), 300_000);
}
// The server draws the loads that report their timings. The module is loaded after the page, so that it delays nothing.
if (document.querySelector("meta[name=page-metrics]")) {
  addEventListener("load", () => setTimeout(() => import("./page-metrics.js").then(({ measurePage }) => measurePage(app, errors, wasHidden), () => {}), 2000));
}
