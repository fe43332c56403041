import { at } from "../paths.js";
import { element } from "../ui/dom.js";

/** A longer document is refused: each part is a request, and counts toward the limits. */
const MOST_PARTS = 60;
const HEADER_BYTES = 44;

/** @typedef {{text: string, settings: VoiceSettings}} Part */

/**
 * Downloads a document as a WAV file. Throws `RangeError`, with a sentence for the user, where the server refuses a part.
 * @param {Part[]} parts
 */
export async function downloadWav(parts) {
  if (parts.length === 1) return submit(parts[0]);
  if (parts.length > MOST_PARTS) throw new RangeError("The text is too long for a WAV file: at most about 50,000 characters can be saved.");
  /** @type {ArrayBuffer[]} */
  const wavs = [];
  for (const part of parts) {
    const answer = await fetch(at("speech.wav"), { method: "POST", body: new URLSearchParams(fields(part)) });
    if (!answer.ok) throw new RangeError(await answer.text());
    wavs.push(await answer.arrayBuffer());
  }
  const url = URL.createObjectURL(joined(wavs));
  element("a", { href: url, download: "alphanumeric.wav" }).click();
  URL.revokeObjectURL(url);
}

/**
 * Returns one WAV file with the samples of all. Throws `RangeError` where they differ in their sample rate.
 * @param {ArrayBuffer[]} wavs PCM16 with headers of 44 bytes
 */
export function joined(wavs) {
  const header = new DataView(wavs[0].slice(0, HEADER_BYTES));
  const rates = new Set(wavs.map((wav) => new DataView(wav).getUint32(24, true)));
  if (rates.size > 1) throw new RangeError("The parts were spoken by voices with different sample rates. Speak the text again with one voice.");
  const size = wavs.reduce((sum, wav) => sum + wav.byteLength - HEADER_BYTES, 0);
  header.setUint32(4, HEADER_BYTES - 8 + size, true);
  header.setUint32(40, size, true);
  return new Blob([header, ...wavs.map((wav) => wav.slice(HEADER_BYTES))], { type: "audio/wav" });
}

/**
 * Uses a form, which needs neither storage nor memory: the response is an attachment, so the page stays.
 * @param {Part} part
 */
function submit(part) {
  const form = element("form", { method: "post", action: at("speech.wav"), hidden: true },
    ...fields(part).map(([name, value]) => {
      const area = element("textarea", { name });
      area.value = value;
      return area;
    }));
  document.body.append(form);
  form.submit();
  form.remove();
}

/** @param {Part} part @returns {[string, string][]} */
function fields({ text, settings }) {
  return Object.entries({ text, ...settings }).filter(([, value]) => value !== null).map(([name, value]) => [name, String(value)]);
}
