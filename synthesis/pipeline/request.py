"""Speech requests, and their validation before any work is done for them."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any, TypedDict

from synthesis.catalog import CatalogVoice, VoiceCatalog
from synthesis.errors import SpeechError
from synthesis.limits.policy import CHARACTERS_PER_SECOND, DEFAULT_POLICY, LimitPolicy, estimated_characters
from synthesis.text.annotation.reading_options import AS_WRITTEN, ReadingOptions
from synthesis.text.annotation.ssml import is_ssml
from synthesis.text.validation import check_size

MIN_REMAINING_FRACTION = 0.1
"""Fraction of an utterance that is charged at least: the estimated length can be lower than the real one."""


NO_VOICES = VoiceCatalog()
NO_CHOICES: Mapping[str, Any] = {}


class SpeechOptions(TypedDict, total=False):
    """Optional fields of a request as a client sent them: their values are not validated yet."""

    voice: str | None
    speaker: str | None
    speed: float
    start: int
    reading: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """A validated request; ``start`` is the first sample to send, counted from the beginning of the utterance."""

    text: str
    voice: CatalogVoice
    speaker: str | None
    speed: float
    start: int = 0
    reading: ReadingOptions = AS_WRITTEN
    catalog: VoiceCatalog = field(default=NO_VOICES, compare=False, repr=False)
    """The voices that the text can name."""

    @property
    def cost_key(self) -> Hashable:
        """Return what determines the cost of a second of audio: the voice and, in tenths, the speed."""
        return self.voice.id, round(self.speed, 1)

    @property
    def text_key(self) -> Hashable:
        """Return what determines the audio of the whole text."""
        return self.voice.id, self.speaker, self.speed, self.text

    @property
    def estimated_s(self) -> float:
        """Estimate the seconds of audio from ``start`` on."""
        return self.billable_characters / CHARACTERS_PER_SECOND

    @property
    def billable_characters(self) -> int:
        """Estimate the audio from ``start`` on, in characters of ordinary text at speed 1: this is charged."""
        whole = estimated_characters(self.text, self.speed)
        whole_samples = whole / CHARACTERS_PER_SECOND * self.voice.sample_rate
        left = max(MIN_REMAINING_FRACTION, 1 - self.start / whole_samples)
        return ceil(whole * left)


def build_request(
    catalog: VoiceCatalog,
    text: str,
    *,
    voice: str | None = None,
    speaker: str | None = None,
    speed: float = 1.0,
    start: int = 0,
    reading: Mapping[str, Any] = NO_CHOICES,
    policy: LimitPolicy = DEFAULT_POLICY,
) -> SpeechRequest:
    """Return a request after validating everything except the content of the text (see ``check_content``).

    ``reading`` are fields of ``ReadingOptions``. Without ``ssml``, a text that begins with ``<speak>`` and ends with
    ``</speak>`` is SSML.
    Takes microseconds for any text, so it may run on the event loop. Raises ``SpeechError`` with a code and the name of
    the invalid field.
    """
    entry = resolve_voice(catalog, voice=voice, speaker=speaker, speed=speed, policy=policy)
    check_size(text, policy.max_text_length)
    options = ReadingOptions(**reading) if reading else AS_WRITTEN
    if "ssml" not in reading and is_ssml(text):
        options = replace(options, ssml=True)
    if options.languages and not options.ssml:
        options = replace(options, voices=catalog.other_languages(entry.language))
    return SpeechRequest(text, entry, speaker, speed, start, options, catalog)


def resolve_voice(
    catalog: VoiceCatalog, *, voice: str | None, speaker: str | None, speed: float, policy: LimitPolicy = DEFAULT_POLICY
) -> CatalogVoice:
    """Return the requested voice, or the default one for ``None``.

    Raises ``SpeechError`` ``voice_unknown``, ``speaker_unknown``, ``speed_out_of_range`` or ``not_ready``.
    """
    entry = catalog.find(voice)
    entry.speaker_number(speaker)
    if not policy.min_speed <= speed <= policy.max_speed:
        raise SpeechError(
            "speed_out_of_range",
            f"The speed must be from {policy.min_speed:g} to {policy.max_speed:g}.",
            param="speed",
            limit=[policy.min_speed, policy.max_speed],
        )
    return entry
