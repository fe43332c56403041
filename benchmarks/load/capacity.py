"""``python -m benchmarks.load.capacity``: print how many times faster than real time one core synthesizes.

The rate counts processor time of this process, which computes on one thread at a time, so other programs on the machine
change it little. It includes text, phonemes, encoder, flow, decoder and conversion to PCM16, without a server.
"""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from synthesis.pool.voice_cache import LoadedVoice

SENTENCES = 6
WORDS = 10


def main() -> None:
    """Print the rate."""
    voice = open_voice()
    _audio_s(voice, seed=1)
    began = time.process_time()
    audio_s = _audio_s(voice, seed=2)
    sys.stdout.write(f"{audio_s / (time.process_time() - began):.3f}\n")


def open_voice() -> "LoadedVoice":
    """Open the voice with the configured engine; every network uses one thread."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    os.environ["SYNTHESIS_THREADS"] = "1"
    import django

    django.setup()
    from django.conf import settings

    from benchmarks.clients.listener import VOICE
    from synthesis.pool.engine_factory import load_voice

    return load_voice(settings.VOICES_DIR / VOICE)


def _audio_s(voice: "LoadedVoice", seed: int) -> float:
    """Synthesize a text. Returns the seconds of audio."""
    segments = speak(voice, seed, (WORDS,) * SENTENCES)
    return sum(next(segments) for _ in range(SENTENCES))


def speak(voice: "LoadedVoice", seed: int, shape: Sequence[int]) -> Iterator[float]:
    """Synthesize texts of ``shape`` without end, in this thread. Yields the seconds of audio of each segment."""
    from benchmarks.texts import Texts
    from synthesis.audio.loudness import to_pcm16
    from synthesis.phonemes.phonemizer import phonemes_to_ids, phonemize
    from synthesis.pipeline.windows import plan_windows
    from synthesis.text.normalizer import normalize
    from synthesis.text.segmentation import split_segments

    engine, manifest = voice.engine, voice.manifest
    texts = Texts(seed)
    while True:
        for segment in split_segments(normalize(texts.text(shape), manifest.language)):
            ids, _ = phonemes_to_ids(phonemize(segment, manifest.espeak_voice), manifest.phoneme_ids)
            latents = engine.encode(ids, 0, 1.0)
            samples = 0
            for first, end in plan_windows(latents.frames):
                samples += len(to_pcm16(engine.decode(latents, first, end), manifest.gain)) // 2
            yield samples / engine.sample_rate


if __name__ == "__main__":
    main()
