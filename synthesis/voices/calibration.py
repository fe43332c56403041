"""Measuring how loud a voice is: it speaks a few fixed sentences, and the gain follows from them."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from synthesis.engines import Engine
from synthesis.loudness import gain_for
from synthesis.voices.bundle import Bundle

SENTENCES = (
    "ðə bˈɜːtʃ kənˈuː slˈɪd ɒn ðə smˈuːð plˈæŋks.",
    "ɡlˈuː ðə ʃˈiːt tə ðə dˈɑːk blˈuː bˈækɡɹaʊnd.",
    "ɪts ˈiːzi tə tˈɛl ðə dˈɛpθ əv ə wˈɛl.",
    "ðiːz dˈeɪz ə tʃˈɪkɪn lˈɛɡ ɪz ə ɹˈɛə dˈɪʃ.",
)
"""Four Harvard sentences: balanced in sound; what a voice's language lacks of them is left out."""

MOST_SPEAKERS = 4


def measured_gain(engine: Engine, bundle: Bundle) -> float:
    """The gain that brings the voice to the common loudness, over its sentences and, if it has many, some speakers."""
    count = max(1, len(bundle.speakers))
    speakers = range(0, count, -(-count // MOST_SPEAKERS))
    utterances = [_speak(engine, bundle, text, speaker) for text in SENTENCES for speaker in speakers]
    return gain_for(utterances, bundle.sample_rate)


def _speak(engine: Engine, bundle: Bundle, text: str, speaker: int) -> NDArray[np.float32]:
    latents = engine.encode(segment_ids(text, bundle.phoneme_ids), speaker, 1.0)
    return engine.decode(latents, 0, latents.frames)


def segment_ids(phonemes: str, phoneme_ids: Mapping[str, tuple[int, ...]]) -> list[int]:
    """Start, then every known phoneme followed by a blank, then the end."""
    blank = phoneme_ids["_"]
    spoken = [id_ for phoneme in phonemes for id_ in (*phoneme_ids.get(phoneme, ()), *blank)]
    return [*phoneme_ids["^"], *blank, *spoken, *phoneme_ids["$"]]
