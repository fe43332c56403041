import { element } from "../ui/dom.js";

/**
 * Downloads the utterance as a WAV file. Uses a form, which needs neither storage nor a blob URL: the response is an
 * attachment, so the page stays.
 * @param {{text: string, settings: VoiceSettings | null}} utterance
 */
export function downloadWav({ text, settings }) {
  const fields = Object.entries({ text, ...settings }).filter(([, value]) => value !== null);
  const form = element("form", { method: "post", action: "/speech.wav", hidden: true },
    ...fields.map(([name, value]) => {
      const area = element("textarea", { name });
      area.value = String(value);
      return area;
    }));
  document.body.append(form);
  form.submit();
  form.remove();
}
