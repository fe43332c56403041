/** Test doubles for the modules' environment: a clock, a socket and an audio context that the test controls. */

import { PcmBuffer } from "../../static/js/audio/pcm-buffer.js";

/** Returns a buffer of samples in these chunks. */
export function holding(...chunks) {
  const pcm = new PcmBuffer();
  for (const chunk of chunks) pcm.append(pcm.end, Int16Array.from(chunk));
  return pcm;
}

export function audioFrame({ version = 1, kind = 1, id = 1, sequence = 0, index = 0, samples = [] } = {}) {
  const view = new DataView(new ArrayBuffer(16 + 2 * samples.length));
  view.setUint8(0, version);
  view.setUint8(1, kind);
  view.setUint32(4, id, true);
  view.setUint32(8, sequence, true);
  view.setUint32(12, index, true);
  samples.forEach((sample, i) => view.setInt16(16 + 2 * i, sample, true));
  return view.buffer;
}

export class Clock {
  now = 0;
  #timers = new Map();
  #next = 1;

  setTimeout = (work, ms) => {
    this.#timers.set(this.#next, { work, at: this.now + ms });
    return this.#next++;
  };

  clearTimeout = (timer) => this.#timers.delete(timer);

  get due() {
    return [...this.#timers.values()].map(({ at }) => at - this.now).sort((one, other) => one - other);
  }

  pass(ms) {
    const end = this.now + ms;
    for (;;) {
      const next = [...this.#timers].sort(([, one], [, other]) => one.at - other.at)[0];
      if (!next || next[1].at > end) break;
      this.#timers.delete(next[0]);
      this.now = next[1].at;
      next[1].work();
    }
    this.now = end;
  }
}

/** A socket whose messages and disconnection the test controls. */
export class FakeSocket {
  readyState = 0;
  sent = [];

  send(frame) {
    this.sent.push(JSON.parse(frame));
  }

  close() {
    this.readyState = 3;
  }

  deliver(type, fields = {}) {
    this.readyState = 1;
    this.onmessage({ data: JSON.stringify({ type, ...fields }) });
  }

  raw(data) {
    this.readyState = 1;
    this.onmessage({ data });
  }

  disconnect(code = 1006) {
    this.readyState = 3;
    this.onclose({ code });
  }
}

/** The part of Web Audio that scheduling needs; the test sets `currentTime`. */
export class FakeContext {
  currentTime = 0;
  state = "running";
  destination = {};
  started = [];

  constructor(sampleRate = 1000) {
    this.sampleRate = sampleRate;
  }

  createGain() {
    const nothing = () => {};
    return { connect: nothing, disconnect: nothing, gain: { value: 1, setValueAtTime: nothing, linearRampToValueAtTime: nothing } };
  }

  createBuffer(_channels, length, rate) {
    return { length, rate, data: new Float32Array(length), getChannelData() { return this.data; } };
  }

  createBufferSource() {
    const source = {
      connect: () => {},
      start: (when) => this.started.push(Object.assign(source, { when })),
      stop: (when = 0) => Object.assign(source, { stopped: when }),
    };
    return source;
  }

  resume() {
    this.state = "running";
    return Promise.resolve();
  }

  suspend() {
    this.state = "suspended";
    return Promise.resolve();
  }

  close() {
    this.state = "closed";
  }
}
