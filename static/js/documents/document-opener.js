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
 * @typedef {{actions: import("../commands/actions.js").Actions, clear: () => void, queue: import("../speech/queue.js").Queue,
 *   status: import("../ui/status-bar.js").StatusBar}} OpenerPage
 * @typedef {{kind: string, title: string, language: string, digest: string, words: number, paragraphs: string[],
 *   outline: [title: string, level: number, paragraph: number][]}} ExtractedDocument the server's answer
 */

/** Sends files and URLs to the server, which returns their text, and opens each as one entry of the log. */
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
        await this.#open(file.name, `documents/extract?type=${encodeURIComponent(extensionOf(file.name))}`, file);
      } catch (problem) {
        status.hint(problem instanceof Error ? problem.message : String(problem), "error");
      }
    }
  }

  /** Opens a URL, which the server fetches. @param {string} url */
  async openUrl(url) {
    try {
      await this.#open(hostOf(url), "documents/fetch", JSON.stringify({ url }));
    } catch (problem) {
      this.page.status.hint(problem instanceof Error ? problem.message : String(problem), "error");
    }
  }

  /** Offers to open the URL that the user pasted into the prompt. @param {string} url */
  offer(url) {
    const prompt = byId("prompt", HTMLTextAreaElement);
    const stopping = new AbortController();
    const name = hostOf(url);
    const close = () => {
      stopping.abort();
      panel.remove();
    };
    const open = () => {
      close();
      if (prompt.value.trim() === url) this.page.clear();
      prompt.focus();
      return this.openUrl(url);
    };
    const panel = element("section", { id: "opening", "aria-label": "The pasted address" },
      element("span", { dir: "auto" }, `Open the page of ${name}?`),
      button("open the page", open), button("keep the text", () => (close(), prompt.focus())));
    document.getElementById("opening")?.remove();
    byId("dock").prepend(panel);
    this.page.status.announce(`An address was pasted. The button before the prompt opens the page of ${name}.`);
    // A user who types on, or sends the text, wants the text.
    prompt.addEventListener("input", close, { signal: stopping.signal });
    prompt.addEventListener("keydown", ({ key }) => key === "Enter" && close(), { signal: stopping.signal });
    prompt.form?.addEventListener("submit", close, { signal: stopping.signal });
  }

  /**
   * Sends a file or a URL, and opens the answer.
   * @param {string} name
   * @param {string} path
   * @param {File | string} body a file, or JSON
   */
  async #open(name, path, body) {
    const answer = await this.#extract(name, path, body);
    if (answer) await this.#show(answer.document, answer.position, name);
    else this.page.status.hint(`${name} was not opened.`, "notice");
  }

  /**
   * Sends a file or a URL, and shows the progress. Resolves with null if the user cancels.
   * @param {string} name
   * @param {string} path
   * @param {File | string} body
   * @returns {Promise<{position: number, document: ExtractedDocument} | null>}
   */
  #extract(name, path, body) {
    const request = new XMLHttpRequest();
    const bar = element("progress", { max: "1", "aria-label": "Progress" });
    const words = element("span", { dir: "auto" }, `${typeof body === "string" ? "Fetching" : "Sending"} ${name}`);
    const cancel = button("cancel", () => request.abort(), { label: `cancel opening ${name}` });
    const panel = element("section", { id: "opening", "aria-label": "Opening a document" }, words, bar, cancel);
    if (typeof body !== "string") {
      request.upload.addEventListener("progress", ({ loaded, total }) => { bar.value = loaded / total; });
      request.upload.addEventListener("load", () => {
        words.textContent = `Reading ${name}`;
        bar.removeAttribute("value");
      });
    }
    byId("dock").prepend(panel);
    this.page.status.hint("");
    this.page.status.announce(`Opening ${name}.`);
    return new Promise((resolve, reject) => {
      request.addEventListener("abort", () => resolve(null));
      request.addEventListener("error", () => reject(new Error(`${name} could not be sent. Check the connection, and try again.`)));
      request.addEventListener("load", () => {
        const { status, response } = request;
        if (status === 200 && response) resolve(response);
        else if (response?.error) reject(new Error(`${name}: ${withReference(response.error)}`));
        else reject(new Error(`${name}: the server answered ${status}. Try again, or open another file.`));
      });
      request.open("POST", at(path));
      request.responseType = "json";
      request.setRequestHeader("Content-Type", typeof body === "string" ? "application/json" : "application/octet-stream");
      request.send(body);
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

/** Returns the host in a URL, by which its document is named. @param {string} url */
function hostOf(url) {
  return /^https?:\/\/([^/?#]{1,100})/i.exec(url)?.[1] ?? url.slice(0, 60);
}

/** @param {string} name */
function extensionOf(name) {
  return /\.([a-z0-9]{1,10})$/i.exec(name)?.[1].toLowerCase() ?? "";
}
