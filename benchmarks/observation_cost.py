"""Prints the processor time that metrics and logs take: seconds per utterance, and seconds per second of sampling.

Runs in a process of its own, because Django is set up once: ``python -m benchmarks.observation_cost``.
"""

import asyncio
import json
import logging
import os
import time
from pathlib import Path

import django

REPETITIONS = 2000
CHUNKS = 20
"""Audio frames of an utterance of about ten seconds."""


def main() -> None:
    """Measure both, with a log at INFO that goes to the null device."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    django.setup()
    handler = logging.StreamHandler(Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - until the end
    handler.setFormatter(logging.getLogger().handlers[0].formatter)
    logging.getLogger().handlers = [handler]
    logging.getLogger().setLevel(logging.INFO)
    print(json.dumps({"utterance_s": asyncio.run(_utterances()), "sampling_s": asyncio.run(_samples())}))


async def _utterances() -> float:
    from synthesis.catalog import CatalogVoice
    from synthesis.pipeline.events import AudioChunk
    from synthesis.pipeline.request import SpeechRequest
    from synthesis.pipeline.utterance_record import UtteranceRecord

    voice = CatalogVoice("joe", "Joe", "en-US", (), 22_050, default=True)
    request, chunk = SpeechRequest("A text of some words.", voice, None, 1.0), AudioChunk(0, b"\0" * 22_050)
    began = time.process_time()
    for _ in range(REPETITIONS):
        async with UtteranceRecord(request, "socket") as record:
            record.admitted()
            record.looked_up(hit=False)
            for _ in range(CHUNKS):
                record.audio(chunk)
            record.complete()
    return (time.process_time() - began) / REPETITIONS


async def _samples() -> float:
    from monitoring.sampler import Sampler
    from synthesis import runtime

    sampler = Sampler(runtime.get_runtime())
    began = time.process_time()
    for _ in range(REPETITIONS // 10):
        sampler.sample()
    return (time.process_time() - began) / (REPETITIONS // 10)


if __name__ == "__main__":
    main()
