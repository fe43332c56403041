"""A speech request: its fields, and the checks before any work is done for it."""

from dataclasses import dataclass
from math import ceil

from synthesis.catalog import CatalogVoice, VoiceCatalog
from synthesis.errors import SpeechError
from synthesis.limits.policy import CHARACTERS_PER_SECOND, DEFAULT_POLICY, LimitPolicy, estimated_characters
from synthesis.text.validation import check_size, check_text

MIN_REMAINING_FRACTION = 0.1
"""Of an utterance that is begun late: the estimate of its length may be short of it."""


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """A valid wish: this text, by this speaker of this voice, at this speed, from this sample on."""

    text: str
    voice: CatalogVoice
    speaker: str | None
    speed: float
    start: int = 0

    @property
    def billable_characters(self) -> int:
        """Estimate the sound from ``start`` on, in characters of ordinary text at speed 1: what is counted of it."""
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
    policy: LimitPolicy = DEFAULT_POLICY,
) -> SpeechRequest:
    """Make a request, having checked all but what the text says, which ``check_content`` does.

    Cheap for any text, so it may be called on the event loop. Raises ``SpeechError`` with the code and the field of
    what is wrong.
    """
    entry = resolve_voice(catalog, voice=voice, speaker=speaker, speed=speed, policy=policy)
    check_size(text, policy.max_text_length)
    return SpeechRequest(text, entry, speaker, speed, start)


def check_content(request: SpeechRequest, policy: LimitPolicy = DEFAULT_POLICY) -> None:
    """Raise ``TextError`` unless the voice can speak the text. Takes milliseconds: never call it on the event loop."""
    check_text(
        request.text, language=request.voice.language, limit=policy.max_text_length, symbols=policy.allowed_symbols
    )


def resolve_voice(
    catalog: VoiceCatalog, *, voice: str | None, speaker: str | None, speed: float, policy: LimitPolicy = DEFAULT_POLICY
) -> CatalogVoice:
    """The voice that was named, if it is there, has that speaker, and can be made to speak at that speed."""
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
