import { App } from "./app.js";

/** Errors of scripts, which the module for metrics reports as a number. */
const errors = { count: 0 };
for (const type of ["error", "unhandledrejection"]) addEventListener(type, () => (errors.count += 1));
const wasHidden = document.hidden;

const app = new App();
app.start();
// The server draws the loads that report their timings. The module is loaded after the page, so that it delays nothing.
if (document.querySelector("meta[name=page-metrics]")) {
  addEventListener("load", () => setTimeout(() => import("./page-metrics.js").then(({ measurePage }) => measurePage(app, errors, wasHidden), () => {}), 2000));
}
