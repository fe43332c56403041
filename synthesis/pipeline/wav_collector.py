"""An utterance in one piece, for those who want a file."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from synthesis.audio.wav import wav_header
from synthesis.pipeline.events import AudioChunk, AudioStart, Event


async def collect_wav(utterance: AsyncGenerator[Event, None]) -> bytes:
    """The complete WAV file of an utterance. Raises what ``Speech.synthesize`` raises."""
    sample_rate, pieces = 0, []
    async with aclosing(utterance) as events:
        async for event in events:
            match event:
                case AudioStart():
                    sample_rate = event.sample_rate
                case AudioChunk():
                    pieces.append(event.pcm)
    # One join: each further step would hold the whole of it once more.
    return b"".join([wav_header(sample_rate, sum(map(len, pieces))), *pieces])
