import { byId, element } from "../ui/dom.js";

/** A text that is one URL. */
const URL_ONLY = /^https?:\/\/\S+$/i;

/** Takes files from the button, drag and drop, and the clipboard, and URLs from the clipboard and `/open`. What opens them is loaded with the first file. */
export class FileInput {
  /** @type {Promise<import("./document-opener.js").DocumentOpener> | null} */
  #opener = null;

  /** @param {import("./document-opener.js").OpenerPage} page */
  constructor(page) {
    this.page = page;
    byId("open-file").addEventListener("click", () => this.choose());
    document.addEventListener("dragover", (event) => this.#drag(event, true));
    document.addEventListener("dragleave", (event) => event.relatedTarget || this.#drag(event, false));
    document.addEventListener("drop", (event) => {
      this.#drag(event, false);
      this.open(event.dataTransfer?.files);
    });
    document.addEventListener("paste", (event) => {
      if (event.clipboardData?.files.length) event.preventDefault();
      this.open(event.clipboardData?.files);
      if (!this.opensUrls || event.target !== byId("prompt")) return;
      const text = event.clipboardData?.getData("text/plain").trim() ?? "";
      // After the paste: what the user types then closes the offer.
      if (URL_ONLY.test(text)) setTimeout(() => this.#withOpener((opener) => opener.offer(text)));
    });
  }

  /** Returns whether the server opens URLs. */
  get opensUrls() {
    return "urls" in byId("open-file").dataset;
  }

  /** Opens a URL. @param {string} url @returns {boolean} whether the server opens URLs */
  openUrl(url) {
    if (!this.opensUrls) {
      this.page.status.hint("This server opens no addresses. Save the page as a file, and open that.", "error");
      return false;
    }
    this.#withOpener((opener) => opener.openUrl(url));
    return true;
  }

  /** Lets the user choose a file. */
  choose() {
    const input = element("input", { type: "file", accept: ".txt,.md,.html,.htm,.pdf,.epub,.docx,.srt" });
    input.addEventListener("change", () => this.open(input.files));
    input.click();
  }

  /** Opens files, one after the other. @param {FileList | null | undefined} files */
  open(files) {
    if (!files?.length) return;
    const list = [...files];
    this.#withOpener((opener) => opener.open(list));
  }

  /** @param {(opener: import("./document-opener.js").DocumentOpener) => void} use */
  #withOpener(use) {
    this.#opener ??= import("./document-opener.js").then(({ DocumentOpener }) => new DocumentOpener(this.page));
    this.#opener.then(use, () => {
      this.#opener = null;
      this.page.status.hint("The document could not be opened. Reload the page to try again.", "error");
    });
  }

  /** @param {DragEvent} event @param {boolean} over */
  #drag(event, over) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    byId("dock").classList.toggle("dropping", over);
  }
}
