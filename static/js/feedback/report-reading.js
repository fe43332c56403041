import { button, openDialog } from "../ui/controls.js";
import { byId, element, setText } from "../ui/dom.js";
import { loadStyles } from "../ui/styles.js";
import { deliver } from "./ask-rating.js";

const MOST_CHARACTERS = 2000;

/**
 * Shows the text of an entry in full, and sends it to the operator if the user agrees.
 * @param {import("../speech/speech-document.js").SpeechDocument} entry
 * @param {{status: {hint(text: string, kind?: MessageKind): void}}} page
 */
export async function reportReading(entry, page) {
  await loadStyles(byId("dock").querySelector("footer")?.dataset.notices ?? "");
  const voice = entry.current.settings?.voice ?? "";
  const text = element("textarea", { id: "reported-text", rows: "6", dir: "auto" });
  text.value = entry.text;
  const words = element("input", { type: "text", id: "reported-words", maxlength: "500", autocomplete: "off" });
  const length = element("p", { role: "status" });
  /** @type {HTMLDialogElement} */
  const dialog = element("dialog", { class: "entry-menu report-reading", "aria-labelledby": "report-title" },
    element("h2", { id: "report-title" }, "Report a wrong reading"),
    element("p", {}, "This is everything that is sent to the operator of this server, without your name or address. Remove what the operator should not see."),
    element("label", { for: "reported-text" }, "Text"), text, length,
    element("p", {}, `Voice: ${voice || "the default voice"}`),
    element("label", { for: "reported-words" }, "What is read wrongly? (optional)"), words,
    element("p", { class: "buttons" },
      button("send to the operator", () => {
        if (!check()) return text.focus();
        dialog.close();
        return deliver(page, "reading", { text: text.value, voice, words: words.value }, "Sent to the operator.");
      }),
      button("cancel", () => dialog.close())));
  /** @returns {boolean} whether the text has a length that can be sent */
  const check = () => {
    const count = [...text.value].length;
    const fits = count > 0 && count <= MOST_CHARACTERS;
    setText(length, fits ? "" : `The text has ${count.toLocaleString("en")} characters; a report has 1 to ${MOST_CHARACTERS.toLocaleString("en")}. Keep the part that is read wrongly.`);
    text.setAttribute("aria-invalid", String(!fits));
    return fits;
  };
  text.addEventListener("input", check);
  check();
  openDialog(dialog);
}
