/** Characters that Markdown would interpret; \x60 is the backtick. */
const MARKUP = /[\\\x60*_[\]<>#|~]/g;

/** Returns documents as text, apart by blank lines. @param {{text: string}[]} documents */
export function asText(documents) {
  return documents.map(({ text }) => text).join("\n\n");
}

/** Returns documents as Markdown: a heading with the number, and the text without markup. @param {{number: number, text: string}[]} documents */
export function asMarkdown(documents) {
  return documents.map(({ number, text }) => `## ${number}\n\n${text.replace(MARKUP, "\\$&")}`).join("\n\n");
}
