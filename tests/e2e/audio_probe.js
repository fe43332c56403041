// Runs before the page's own scripts. Records the audio and the displayed states of the page, and its errors; changes nothing.
const LOOK_MS = 20;
const BLOCK_S = 0.01;
const LOG = [];
const probe = { log: LOG, sound: [], marks: [], states: [], connections: [], starts: [], keys: [], sent: [] };
Object.defineProperty(window, "__probe", { value: probe });

document.addEventListener("securitypolicyviolation", (event) => LOG.push(`csp: ${event.effectiveDirective} ${event.blockedURI}`));
window.addEventListener("error", (event) => LOG.push(`error: ${event.message ?? event.target.src ?? event.target.href}`), true);
window.addEventListener("unhandledrejection", (event) => LOG.push(`rejection: ${event.reason}`));
for (const level of ["error", "warn"]) {
  const original = console[level];
  console[level] = (...words) => {
    LOG.push(`${level}: ${words.map(String).join(" ")}`);
    original.apply(console, words);
  };
}

// The page must work without storage, so every access to it is an error.
for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"]) {
  const own = Object.getOwnPropertyDescriptor(window, name);
  if (!own?.get) continue;
  Object.defineProperty(window, name, {
    configurable: true,
    get() {
      LOG.push(`storage: ${name}`);
      return own.get.call(window);
    },
  });
}

document.addEventListener("keydown", ({ key }) => probe.keys.push({ key, at: performance.now() }), true);

const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (data) {
  if (typeof data === "string") probe.sent.push({ type: JSON.parse(data).type, at: performance.now() });
  return send.call(this, data);
};

const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (when = 0, ...rest) {
  const { buffer, context } = this;
  probe.starts.push({ when, now: context.currentTime, rate: context.sampleRate, samples: buffer.getChannelData(0).slice() });
  return start.call(this, when, ...rest);
};

/** Returns the scheduled buffers from `first` on, ready for JSON: samples as little-endian PCM16 in base64. */
probe.scheduled = (first) => probe.starts.slice(first).map(({ when, now, rate, samples }) => {
  const bytes = new Uint8Array(Int16Array.from(samples, (sample) => Math.round(sample * 32768)).buffer);
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return { when, now, rate, pcm: btoa(text) };
});

let context = null;
let analyser = null;
let samples = null;
let seen = 0;

function listen(output) {
  context = output.context;
  analyser = context.createAnalyser();
  analyser.fftSize = 16384;
  samples = new Float32Array(analyser.fftSize);
  output.connect(analyser);
  seen = context.currentTime;
}

/** Returns the RMS of each block rendered since the last call. A suspended context renders nothing. */
function look() {
  const output = window.alphanumeric?.output;
  if (output && output.context !== context) listen(output);
  if (!context) return;
  const { currentTime, sampleRate } = context;
  const fresh = Math.min(samples.length, Math.round((currentTime - seen) * sampleRate));
  seen = currentTime;
  analyser.getFloatTimeDomainData(samples);
  const now = performance.now();
  if (!fresh) probe.sound.push({ at: now, rms: 0 });
  const block = Math.round(BLOCK_S * sampleRate);
  for (let from = samples.length - fresh; from < samples.length; from += block) {
    const part = samples.subarray(from, from + block);
    const energy = part.reduce((sum, sample) => sum + sample * sample, 0);
    // A busy page reads late: record the time of playback instead.
    probe.sound.push({ at: now - (1000 * (samples.length - from)) / sampleRate, rms: Math.sqrt(energy / part.length) });
  }
}

/** Records the displayed text of an element if it changed. */
function watch(notes, selector) {
  const shown = document.querySelector(selector)?.textContent;
  if (shown && shown !== notes.at(-1)) notes.push(shown);
}

setInterval(() => {
  look();
  watch(probe.marks, "mark:not(:empty)");
  watch(probe.states, "#voice-state");
  watch(probe.connections, "#connection span");
}, LOOK_MS);
