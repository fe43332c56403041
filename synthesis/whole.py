"""An utterance in one piece, for those who want a file."""

from contextlib import aclosing

from synthesis.speech import Audio, Request, Speech, Started
from synthesis.wav import wav_header


async def whole_wav(speech: Speech, request: Request) -> bytes:
    """The complete WAV file of a request. Raises what ``Speech.speak`` raises."""
    sample_rate, pieces = 0, []
    async with aclosing(speech.speak(request)) as events:
        async for event in events:
            match event:
                case Started():
                    sample_rate = event.sample_rate
                case Audio():
                    pieces.append(event.pcm)
    pcm = b"".join(pieces)
    return wav_header(sample_rate, len(pcm)) + pcm
