// Speaks with the openai package for Node.js. Arguments: the base URL. Writes one line of JSON.
import OpenAI, { BadRequestError } from "openai";

const client = new OpenAI({ baseURL: process.argv[2], apiKey: "not needed", maxRetries: 0 });
const input = "Hello, alice. This is spoken while it is synthesized.";

/** @param {"mp3" | "wav" | "pcm"} format */
async function whole(format) {
  const response = await client.audio.speech.create({ model: "tts-1", voice: "alloy", input, response_format: format });
  return Buffer.from(await response.arrayBuffer()).toString("base64");
}

async function streamed() {
  const response = await client.audio.speech.create({ model: "tts-1", voice: "joe", input, response_format: "pcm" });
  const parts = [];
  for await (const part of response.body ?? []) parts.push(part.length);
  return parts;
}

async function events() {
  const response = await client.audio.speech.create({
    model: "gpt-4o-mini-tts", voice: "coral", input, instructions: "Speak softly.", stream_format: "sse",
  });
  const lines = (await response.text()).split("\n").filter((line) => line.startsWith("data: "));
  return lines.map((line) => JSON.parse(line.slice("data: ".length)).type);
}

async function models() {
  const names = [];
  for await (const model of client.models.list()) names.push(model.id);
  return names;
}

async function error() {
  try {
    await client.audio.speech.create({ model: "tts-1", voice: "joanna", input });
  } catch (refusal) {
    if (refusal instanceof BadRequestError) return { status: refusal.status, code: refusal.code, param: refusal.param };
    throw refusal;
  }
  throw new Error("the server accepted an unknown voice");
}

console.log(JSON.stringify({
  audio: { mp3: await whole("mp3"), wav: await whole("wav"), pcm: await whole("pcm") },
  parts: await streamed(),
  events: await events(),
  models: await models(),
  error: await error(),
}));
