"""Measures a voice's loudness on fixed sentences and computes its gain."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from synthesis.audio.loudness import compute_gain
from synthesis.engines.base import Engine
from synthesis.voice_files.manifest import VoiceManifest
from synthesis.voices.sample_text import sample_ids

SENTENCES = (
    "ðə bˈɜːtʃ kənˈuː slˈɪd ɒn ðə smˈuːð plˈæŋks.",
    "ɡlˈuː ðə ʃˈiːt tə ðə dˈɑːk blˈuː bˈækɡɹaʊnd.",
    "ɪts ˈiːzi tə tˈɛl ðə dˈɛpθ əv ə wˈɛl.",
    "ðiːz dˈeɪz ə tʃˈɪkɪn lˈɛɡ ɪz ə ɹˈɛə dˈɪʃ.",
)
"""IPA of four phonetically balanced Harvard sentences; phonemes that a voice lacks are omitted.

A voice that speaks from letters gets a sentence in its language instead.
"""

MAX_SPEAKERS = 4


def measure_gain(engine: Engine, manifest: VoiceManifest) -> float:
    """Return the gain that brings the voice to the target loudness, over the sentences and up to a few speakers."""
    count = max(1, len(manifest.speakers))
    speakers = range(0, count, -(-count // MAX_SPEAKERS))
    spoken = [segment_ids(text, manifest.phoneme_ids) for text in SENTENCES]
    texts = spoken if manifest.espeak_voice else [sample_ids(manifest)]
    utterances = [_speak(engine, ids, speaker) for ids in texts for speaker in speakers]
    return compute_gain(utterances, manifest.sample_rate)


def _speak(engine: Engine, ids: list[int], speaker: int) -> NDArray[np.float32]:
    latents = engine.encode(ids, speaker, 1.0)
    return engine.decode(latents, 0, latents.frames)


def segment_ids(phonemes: str, phoneme_ids: Mapping[str, tuple[int, ...]]) -> list[int]:
    """Return the ids of a segment: start, each known phoneme followed by a blank, end."""
    blank = phoneme_ids["_"]
    spoken = [id_ for phoneme in phonemes for id_ in (*phoneme_ids.get(phoneme, ()), *blank)]
    return [*phoneme_ids["^"], *blank, *spoken, *phoneme_ids["$"]]
