"""Collects an utterance into one WAV file."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from synthesis.audio.wav import wav_header
from synthesis.pipeline.events import AudioChunk, AudioStart, Event


async def collect_wav(utterance: AsyncGenerator[Event, None]) -> bytes:
    """Return the complete WAV file of an utterance. Raises what ``Synthesizer.synthesize`` raises."""
    sample_rate, pieces = 0, []
    async with aclosing(utterance) as events:
        async for event in events:
            match event:
                case AudioStart():
                    sample_rate = event.sample_rate
                case AudioChunk():
                    pieces.append(event.pcm)
    # One join: each further step would hold another copy of the whole utterance.
    return b"".join([wav_header(sample_rate, sum(map(len, pieces))), *pieces])
