import { byId, element } from "../ui/dom.js";

/** Takes files from the button, drag and drop, and the clipboard. What opens them is loaded with the first file. */
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
    });
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
    this.#opener ??= import("./document-opener.js").then(({ DocumentOpener }) => new DocumentOpener(this.page));
    this.#opener.then((opener) => opener.open(list), () => {
      this.#opener = null;
      this.page.status.hint("The file could not be opened. Reload the page to try again.", "error");
    });
  }

  /** @param {DragEvent} event @param {boolean} over */
  #drag(event, over) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    byId("dock").classList.toggle("dropping", over);
  }
}
