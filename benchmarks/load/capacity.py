"""``python -m benchmarks.load.capacity``: print how many times faster than real time one core synthesizes.

The rate counts processor time of one thread, so other programs on the machine change it little. It includes text,
phonemes, encoder, flow, decoder and conversion to PCM16, without a server.
"""

import os
import sys
import time
from collections.abc import Sequence

SENTENCES = 6
WORDS = 10


def main() -> None:
    """Print the rate."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    # One thread for every network: the rate is of one core.
    os.environ["SYNTHESIS_THREADS"] = "1"
    import django

    django.setup()
    from django.conf import settings

    from benchmarks.clients.listener import VOICE
    from synthesis.pool.engine_factory import load_voice

    voice = load_voice(settings.VOICES_DIR / VOICE)
    _audio_s(voice, seed=1)
    began = time.thread_time()
    audio_s = _audio_s(voice, seed=2)
    sys.stdout.write(f"{audio_s / (time.thread_time() - began):.3f}\n")


def _audio_s(voice: "object", seed: int) -> float:
    """Synthesize a text in this thread. Returns the seconds of audio."""
    from benchmarks.texts import Texts
    from synthesis.audio.loudness import to_pcm16
    from synthesis.phonemes.phonemizer import phonemes_to_ids, phonemize
    from synthesis.pipeline.windows import plan_windows
    from synthesis.pool.voice_cache import LoadedVoice
    from synthesis.text.normalizer import normalize
    from synthesis.text.segmentation import split_segments

    assert isinstance(voice, LoadedVoice)
    engine, manifest, samples = voice.engine, voice.manifest, 0
    text = Texts(seed).text((WORDS,) * SENTENCES)
    for segment in split_segments(normalize(text, manifest.language)):
        ids, _ = phonemes_to_ids(phonemize(segment, manifest.espeak_voice), manifest.phoneme_ids)
        latents = engine.encode(ids, 0, 1.0)
        windows: Sequence[tuple[int, int]] = list(plan_windows(latents.frames))
        for first, end in windows:
            samples += len(to_pcm16(engine.decode(latents, first, end), manifest.gain)) // 2
    return samples / engine.sample_rate


if __name__ == "__main__":
    main()
