"""``SpeechGateway``: the limits that every caller of speech synthesis shares."""

from contextlib import aclosing

import pytest

from core.limits.subjects import RateLimitSubject
from synthesis.errors import SpeechError
from synthesis.gateway import SpeechClient
from synthesis.models import LimitPolicyRow
from synthesis.pipeline.events import AudioStart, Event
from synthesis.runtime import Runtime
from tests.fake_engine import ToneEngine

pytestmark = pytest.mark.django_db(transaction=True)

ALICE = RateLimitSubject(None, "192.0.2.1")
BOB = RateLimitSubject(None, "192.0.2.2")
TEXT = "Hello, world."


@pytest.fixture
async def alice(runtime_with_voice: Runtime) -> SpeechClient:
    await LimitPolicyRow.objects.aupdate_or_create(scope="visitors", defaults={"max_concurrent_utterances": 1})
    return await runtime_with_voice.gateway.open(ALICE)


async def synthesize(client: SpeechClient, text: str = TEXT) -> list[Event]:
    async with aclosing(client.events(await client.build(text))) as events:
        return [event async for event in events]


async def test_a_text_is_charged_before_it_is_checked(alice: SpeechClient) -> None:
    with pytest.raises(SpeechError) as refused:
        await alice.charge(await alice.build("_" * 20))
    assert refused.value.code == "text_unspeakable"
    assert (await alice.quota()).used == 1


async def test_events_hold_the_slot_until_they_are_closed(alice: SpeechClient) -> None:
    async with aclosing(alice.events(await alice.build(TEXT))) as events:
        assert isinstance(await anext(events), AudioStart)
        with pytest.raises(SpeechError) as refused:
            await synthesize(alice)
        assert refused.value.code == "limit_utterances"
    await synthesize(alice)


async def test_events_without_a_reader_hold_no_slot(alice: SpeechClient) -> None:
    alice.events(await alice.build(TEXT))
    await synthesize(alice)


async def test_audio_beyond_the_estimate_is_charged(runtime_with_voice: Runtime) -> None:
    await LimitPolicyRow.objects.aupdate_or_create(scope="visitors", defaults={"characters_per_minute": 30})
    alice = await runtime_with_voice.gateway.open(ALICE)
    # In English, "%" is spoken as "percent", which the estimate does not know.
    request = await alice.build("5% " * 8)
    await alice.charge(await alice.build("Hi."))
    await synthesize(alice, request.text)
    with pytest.raises(SpeechError) as refused:
        await alice.charge(await alice.build("Hi."))
    assert refused.value.code == "limit_characters"


async def test_segments_are_cached_per_client(
    runtime_with_voice: Runtime, alice: SpeechClient, engine: ToneEngine
) -> None:
    for _ in range(2):
        await synthesize(alice)
    decoded = len(engine.decoded)
    await synthesize(alice)
    assert len(engine.decoded) == decoded
    await synthesize(await runtime_with_voice.gateway.open(BOB))
    assert len(engine.decoded) > decoded


async def test_refresh_reads_a_policy_that_has_changed(runtime_with_voice: Runtime, alice: SpeechClient) -> None:
    await LimitPolicyRow.objects.filter(scope="visitors").aupdate(max_text_length=5)
    await runtime_with_voice.rate_limiter.refresh()
    await alice.refresh()
    with pytest.raises(SpeechError) as refused:
        await alice.build(TEXT)
    assert refused.value.code == "text_too_long"
