/**
 * The socket's frames, as specified in docs/protocol.md. Incoming frames are not trusted: a frame that does not fit the
 * protocol decodes to null, and the caller drops it.
 */

export const PROTOCOL_VERSION = 1;

export const TO_SERVER = Object.freeze([
  "session.update", "session.ping",
  "speech.create", "speech.cancel", "speech.cancel_all", "speech.pause", "speech.resume", "speech.played",
  "say.subscribe", "say.used", "say.done", "say.stop",
  "theme.set", "theme.create", "theme.edit", "theme.delete", "theme.restore", "theme.list", "theme.resume",
]);

/** Messages that begin work of their own, whose log lines have its correlation id. */
export const CORRELATED = Object.freeze([
  "speech.create", "theme.set", "theme.create", "theme.edit", "theme.delete", "theme.restore",
]);

export const FROM_SERVER = Object.freeze([
  "session.created", "session.changed", "session.updated", "session.pong",
  "speech.queued", "speech.waiting", "speech.started", "speech.words", "speech.done", "speech.cancelled", 
  "speech.paused", "speech.resumed", "say.created", "say.cancelled", "theme.changed", "theme.saved", "theme.listed", "error",
]);

const HEADER_BYTES = 16;
const VERSION = 1;
const KIND_AUDIO = 1;
const LITTLE_ENDIAN_HOST = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * Encodes a control message as a text frame. Omits fields that are null or undefined: the session's values then apply.
 * Throws `RangeError` for an unknown message type.
 * @param {string} type
 * @param {object} fields
 */
export function encode(type, fields = {}) {
  if (!TO_SERVER.includes(type)) throw new RangeError(`no such message: ${type}`);
  const given = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
  return JSON.stringify({ type, ...Object.fromEntries(given) });
}

/**
 * Decodes a text frame.
 * @param {string} text
 * @returns {ServerMessage | null} null where it is no message of this protocol
 */
export function decodeControl(text) {
  let message;
  try {
    message = JSON.parse(text);
  } catch {
    return null;
  }
  return FROM_SERVER.includes(message?.type) ? message : null;
}

/**
 * Decodes a binary frame.
 * @param {unknown} buffer
 * @returns {AudioFrame | null} null where it is no frame of this protocol
 */
export function decodeAudio(buffer) {
  if (!(buffer instanceof ArrayBuffer) || buffer.byteLength < HEADER_BYTES || buffer.byteLength % 2) return null;
  const view = new DataView(buffer);
  if (view.getUint8(0) !== VERSION || view.getUint8(1) !== KIND_AUDIO) return null;
  return {
    id: view.getUint32(4, true),
    sequence: view.getUint32(8, true),
    index: view.getUint32(12, true),
    samples: pcm16(buffer, view),
  };
}

/** @param {ArrayBuffer} buffer @param {DataView} view */
function pcm16(buffer, view) {
  // The header's 16 bytes keep the samples aligned, so that a little-endian host reads them in place.
  if (LITTLE_ENDIAN_HOST) return new Int16Array(buffer, HEADER_BYTES);
  const samples = new Int16Array((buffer.byteLength - HEADER_BYTES) / 2);
  for (let i = 0; i < samples.length; i += 1) samples[i] = view.getInt16(HEADER_BYTES + 2 * i, true);
  return samples;
}

/**
 * Writes PCM16 samples into `channel` as floats from -1 up to 1.
 * @param {Int16Array} samples
 * @param {Float32Array} channel
 */
export function pcm16ToFloat32(samples, channel) {
  for (let i = 0; i < samples.length; i += 1) channel[i] = samples[i] / 32768;
}
