import { element } from "../ui/dom.js";

/** @type {Record<Mode, string>} */
const MODES = { system: "follow the system", dark: "dark", light: "light" };
const HERE = "Your selection then applies to this browser only.";

/** Selects the mode, and whether the selection is for this device only. */
export class ThemeMode {
  /** @param {{setMode: (mode: Mode) => void, setDeviceOnly: (deviceOnly: boolean) => void}} handlers */
  constructor({ setMode, setDeviceOnly }) {
    this.modes = /** @type {Mode[]} */ (Object.keys(MODES)).map((mode) => element("input", { type: "radio", name: "theme-mode", value: mode }));
    this.deviceOnly = element("input", { type: "checkbox", id: "theme-device-only", "aria-describedby": "theme-device-only-help" });
    for (const radio of this.modes) radio.addEventListener("change", () => setMode(/** @type {Mode} */ (radio.value)));
    this.deviceOnly.addEventListener("change", () => setDeviceOnly(this.deviceOnly.checked));
    this.node = element("div", { class: "settings" },
      element("fieldset", { id: "theme-mode" }, element("legend", { class: "visually-hidden" }, "Dark or light"),
        ...this.modes.map((radio) => element("label", { class: "choice" }, radio, element("span", {}, MODES[/** @type {Mode} */ (radio.value)])))),
      element("label", { class: "choice" }, this.deviceOnly, element("span", {}, "this device only")),
      element("p", { class: "muted", id: "theme-device-only-help" }, HERE));
  }

  /** Shows the state. @param {Appearance} state */
  show({ mode, device_only: deviceOnly }) {
    for (const radio of this.modes) radio.checked = radio.value === mode;
    this.deviceOnly.checked = deviceOnly;
  }
}
