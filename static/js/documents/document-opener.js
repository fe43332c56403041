import { withReference } from "../correlation.js";
import { at } from "../paths.js";
import { button, openDialog } from "../ui/controls.js";
import { byId, element } from "../ui/dom.js";
import { DocumentHeader } from "./document-header.js";
import { PositionKeeper } from "./position-keeper.js";

/** Separates paragraphs, as on the server. */
const BREAK = "\n\n";
const MB = 2 ** 20;

/**
 * @typedef {{actions: import("../commands/actions.js").Actions, queue: import("../speech/queue.js").Queue,
 *   status: import("../ui/status-bar.js").StatusBar}} OpenerPage
 * @typedef {{kind: string, title: string, language: string, digest: string, words: number, paragraphs: string[],
 *   outline: [title: string, level: number, paragraph: number][]}} ExtractedDocument the server's answer
 */

/** Sends files to the server, which returns their text, and opens each as one entry of the log. */
export class DocumentOpener {
  /** @param {OpenerPage} page */
  constructor(page) {
    this.page = page;
    this.limit = Number(byId("open-file").dataset.limit);
  }

  /** Opens files, one after the other. @param {File[]} files */
  async open(files) {
    const { status } = this.page;
    for (const file of files) {
      try {
        if (file.size > this.limit * MB) {
          throw new Error(`${file.name} has ${Math.ceil(file.size / MB)} MB; at most ${this.limit} are allowed. Remove its pictures, or split it.`);
        }
        const answer = await this.#extract(file);
        if (!answer) status.hint(`${file.name} was not opened.`, "notice");
        else await this.#show(answer.document, answer.position, file.name);
      } catch (problem) {
        status.hint(problem instanceof Error ? problem.message : String(problem), "error");
      }
    }
  }

  /**
   * Sends a file, and shows the progress. Resolves with null if the user cancels.
   * @param {File} file
   * @returns {Promise<{position: number, document: ExtractedDocument} | null>}
   */
  #extract(file) {
    const request = new XMLHttpRequest();
    const bar = element("progress", { max: "1", "aria-label": "Progress" });
    const words = element("span", { dir: "auto" }, `Sending ${file.name}`);
    const cancel = button("cancel", () => request.abort(), { label: `cancel opening ${file.name}` });
    const panel = element("section", { id: "opening", "aria-label": "Opening a file" }, words, bar, cancel);
    request.upload.addEventListener("progress", ({ loaded, total }) => { bar.value = loaded / total; });
    request.upload.addEventListener("load", () => {
      words.textContent = `Reading ${file.name}`;
      bar.removeAttribute("value");
    });
    byId("dock").prepend(panel);
    this.page.status.hint("");
    this.page.status.announce(`Opening ${file.name}.`);
    return new Promise((resolve, reject) => {
      request.addEventListener("abort", () => resolve(null));
      request.addEventListener("error", () => reject(new Error(`${file.name} could not be sent. Check the connection, and try again.`)));
      request.addEventListener("load", () => {
        const { status, response } = request;
        if (status === 200 && response) resolve(response);
        else if (response?.error) reject(new Error(`${file.name}: ${withReference(response.error)}`));
        else reject(new Error(`${file.name}: the server answered ${status}. Try again, or open another file.`));
      });
      request.open("POST", `${at("documents/extract")}?type=${encodeURIComponent(extensionOf(file.name))}`);
      request.responseType = "json";
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.send(file);
    }).finally(() => {
      const focused = panel.contains(document.activeElement);
      panel.remove();
      if (focused) byId("prompt").focus();
    });
  }

  /** @param {ExtractedDocument} extracted @param {number} position @param {string} name */
  async #show(extracted, position, name) {
    const { actions, status } = this.page;
    const title = extracted.title || name;
    const outline = outlineOf(extracted);
    const text = extracted.paragraphs.join(BREAK);
    const from = position > 0 && position < text.length ? await chooseStart(title, position, text.length, outline) : 0;
    const opened = actions.openDocument(text, from, (document) => {
      document.outline = outline;
      document.header = new DocumentHeader(document, { title, language: extracted.language, words: extracted.words }, this.page).node;
    });
    if (!opened) return;
    new PositionKeeper(opened, extracted.digest, this.page.queue).start();
    const chapters = outline.length ? `, ${outline.length} headings` : "";
    status.announce(`${title} is open: ${extracted.words.toLocaleString("en")} words${chapters}.`);
  }
}

/** Returns the outline with the offsets of its entries in the text. @param {ExtractedDocument} extracted @returns {OutlineEntry[]} */
export function outlineOf({ paragraphs, outline }) {
  const starts = [0];
  for (const paragraph of paragraphs) starts.push(starts[starts.length - 1] + paragraph.length + BREAK.length);
  return outline.map(([title, level, paragraph]) => ({ title, level, offset: starts[paragraph] ?? 0 }));
}

/**
 * Lets the user choose whether to continue at the stored position.
 * @param {string} title
 * @param {number} position
 * @param {number} length
 * @param {OutlineEntry[]} outline
 * @returns {Promise<number>} where to start
 */
function chooseStart(title, position, length, outline) {
  const chapter = outline.filter(({ offset }) => offset <= position).at(-1);
  const place = `${Math.max(1, Math.round(100 * position / length))} %${chapter ? `, ${chapter.title}` : ""}`;
  return new Promise((resolve) => {
    /** @type {HTMLDialogElement} */
    const dialog = element("dialog", { class: "entry-menu", "aria-labelledby": "continue-title" },
      element("h2", { id: "continue-title", dir: "auto" }, title),
      element("ul", { role: "list" },
        element("li", {}, button(`continue at ${place}`, () => dialog.close())),
        element("li", {}, button("start from the beginning", () => {
          resolve(0);
          dialog.close();
        }))));
    dialog.addEventListener("close", () => resolve(position));
    openDialog(dialog);
  });
}

/** @param {string} name */
function extensionOf(name) {
  return /\.([a-z0-9]{1,10})$/i.exec(name)?.[1].toLowerCase() ?? "";
}
