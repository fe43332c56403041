import { element } from "../ui/dom.js";

/**
 * Has the server send the utterance as a WAV file. A form, for it needs neither storage nor a blob URL: the answer is an
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
