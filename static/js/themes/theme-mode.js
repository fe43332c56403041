import { element } from "../ui/dom.js";

const MODES = { system: "follow the system", dark: "dark", light: "light" };
const HERE = "What you choose then holds in this browser alone, whatever you set elsewhere.";

/** What holds for all themes: which of the two is shown, and where. */
export class ThemeMode {
  /** @param {{setMode: (mode: string) => void, setHere: (here: boolean) => void}} handlers */
  constructor({ setMode, setHere }) {
    this.modes = Object.keys(MODES).map((mode) => element("input", { type: "radio", name: "theme-mode", value: mode }));
    this.here = element("input", { type: "checkbox", id: "theme-device-only", "aria-describedby": "theme-device-only-help" });
    for (const radio of this.modes) radio.addEventListener("change", () => setMode(radio.value));
    this.here.addEventListener("change", () => setHere(this.here.checked));
    this.node = element("div", { class: "settings" },
      element("fieldset", { id: "theme-mode" }, element("legend", { class: "visually-hidden" }, "Dark or light"),
        ...this.modes.map((radio) => element("label", { class: "choice" }, radio, element("span", {}, MODES[radio.value])))),
      element("label", { class: "choice" }, this.here, element("span", {}, "this device only")),
      element("p", { class: "muted", id: "theme-device-only-help" }, HERE));
  }

  show({ mode, here }) {
    for (const radio of this.modes) radio.checked = radio.value === mode;
    this.here.checked = here;
  }
}
