"""The charge for a text: an estimate of its audio before synthesis, and the excess during synthesis."""

import pytest
from django.core.cache import caches

from core.limits.subjects import RateLimitSubject
from synthesis.catalog import CatalogVoice, VoiceCatalog
from synthesis.errors import SpeechError
from synthesis.limits.policy import CHARACTERS_PER_SECOND, LimitPolicy, estimated_characters
from synthesis.limits.policy_store import PolicyStore
from synthesis.limits.rate_limiter import RateLimiter
from synthesis.pipeline.events import AudioEnd
from synthesis.pipeline.request import build_request
from synthesis.runtime import Runtime

ALICE = RateLimitSubject(None, "192.0.2.1")
CATALOG = VoiceCatalog((CatalogVoice("tone", "Tone", "en-US", (), 8000, default=True),))
MEASURED_DIGITS_S = 253.0
"""Audio of 990 digits with the voice Joe."""


@pytest.mark.parametrize(
    ("text", "characters"),
    [
        ("Fifteen letters", 15),
        ("Five.", 5),
        ("7" * 990, 3960),
        ("½" * 100, 800),
        ("$5", 7),
    ],
)
def test_the_estimate_matches_the_duration(text: str, characters: int) -> None:
    assert build_request(CATALOG, text).billable_characters == characters


def test_digits_are_estimated_at_their_measured_duration() -> None:
    assert estimated_characters("7" * 990, 1.0) == pytest.approx(MEASURED_DIGITS_S * CHARACTERS_PER_SECOND, rel=0.1)


def test_speed_scales_the_charge() -> None:
    slow, usual, quick = (
        build_request(CATALOG, "Fifteen letters", speed=speed).billable_characters for speed in (0.25, 1.0, 3.0)
    )
    assert (slow, usual, quick) == (60, 15, 5)


@pytest.fixture
def rate_limiter() -> RateLimiter:
    return RateLimiter(PolicyStore(), caches["limits"])


async def test_audio_beyond_the_estimate_is_charged_once(rate_limiter: RateLimiter) -> None:
    policy = LimitPolicy(characters_per_minute=100)
    await rate_limiter.charge_request(ALICE, policy, 10)
    bill = rate_limiter.bill(ALICE, 10)
    for characters in (5, 10, 30, 30, 95):
        await bill(characters)
    # The charge may exceed the remaining quota: the text continues, and the next one is rejected.
    await rate_limiter.charge_request(ALICE, policy, 5)
    with pytest.raises(SpeechError) as refused:
        await rate_limiter.charge_request(ALICE, policy, 1)
    assert (refused.value.code, refused.value.details["value"]) == ("limit_characters", 100)
    await bill(200)
    with pytest.raises(SpeechError) as refused:
        await rate_limiter.charge_request(ALICE, policy, 0)
    assert refused.value.details["value"] == 205


@pytest.mark.django_db(transaction=True)
async def test_the_audio_of_every_segment_is_charged(runtime_with_voice: Runtime) -> None:
    billed: list[int] = []

    async def bill(characters: int) -> None:
        billed.append(characters)

    request = build_request(
        await runtime_with_voice.catalog.read(), "One sentence. Another one, which is longer. The end.", start=4000
    )
    async for event in runtime_with_voice.synthesizer.synthesize(request, bill=bill):
        if isinstance(event, AudioEnd):
            samples = event.samples - 4000
    assert len(billed) > 1
    assert billed == sorted(billed)
    assert billed[-1] == -(-samples * CHARACTERS_PER_SECOND // 8000)
