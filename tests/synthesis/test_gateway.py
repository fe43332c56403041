"""``SpeechGateway``: the limits that every caller of speech synthesis shares."""

from contextlib import aclosing
from types import SimpleNamespace
from typing import Any

import pytest

from core.errors import LimitsUnavailableError
from core.limits.subjects import RateLimitSubject
from synthesis.errors import SpeechError
from synthesis.gateway import SpeechClient
from synthesis.models import LimitPolicyRow
from synthesis.pipeline.events import AudioChunk, AudioStart, Event
from synthesis.pool.admission import Admission
from synthesis.pool.capacity import CapacityMeter
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


async def test_a_cached_text_does_not_wait(runtime_with_voice: Runtime, alice: SpeechClient) -> None:
    for _ in range(2):
        await synthesize(alice)
    meter = CapacityMeter(1)
    meter.add("any", 0.8, 1)
    runtime_with_voice.gateway.admission = admission = Admission(meter, 0.9, 10)
    admission.enter("bob", "any", 30.0)
    await synthesize(alice)
    ticket = alice._enter(await alice.build("Another text."))
    assert not ticket.admitted
    admission.close()


async def cancel(client: SpeechClient) -> None:
    """Begin an utterance, and cancel it."""
    async with aclosing(client.events(await client.build(TEXT))) as events:
        await anext(events)


@pytest.mark.parametrize(("max_wait_s", "running"), [(None, 1), (10.0, 0)], ids=["tab", "http"])
async def test_only_a_tab_keeps_its_place_for_a_seek(
    runtime_with_voice: Runtime, max_wait_s: float | None, running: int
) -> None:
    client = await runtime_with_voice.gateway.open(ALICE, max_wait_s)
    await cancel(client)
    assert runtime_with_voice.admission.stats()["running"] == running
    client.close()
    assert runtime_with_voice.admission.stats()["running"] == 0


async def test_a_seek_at_another_speed_counts_its_own_cost(runtime_with_voice: Runtime) -> None:
    meter = CapacityMeter(1)
    runtime_with_voice.gateway.admission = admission = Admission(meter, 0.9, 2)
    alice = await runtime_with_voice.gateway.open(ALICE)
    await cancel(alice)
    fast = await alice.build(TEXT, speed=2.0)
    meter.add((await alice.build(TEXT)).cost_key, 0.1, 1)
    meter.add(fast.cost_key, 0.2, 1)
    async with aclosing(alice.events(fast)) as events:
        await anext(events)
        assert admission.load() == pytest.approx(0.2)
    alice.close()


async def test_a_client_that_does_not_read_does_not_delay_others(runtime_with_voice: Runtime) -> None:
    meter = CapacityMeter(1)
    runtime_with_voice.gateway.admission = admission = Admission(meter, 0.9, 2)
    charlie = await runtime_with_voice.gateway.open(ALICE)
    request = await charlie.build(TEXT * 3)
    meter.add(request.cost_key, 0.4, 1)
    async with aclosing(charlie.events(request)) as events:
        while not isinstance(await anext(events), AudioChunk):
            pass
        assert admission.enter("bob", request.cost_key, 20.0).admitted
    charlie.close()
    admission.close()


async def test_a_seek_at_another_speed_shares_no_longer(runtime_with_voice: Runtime) -> None:
    meter = CapacityMeter(1)
    runtime_with_voice.gateway.admission = admission = Admission(meter, 0.9, 9)
    first, second = [await runtime_with_voice.gateway.open(ALICE) for _ in range(2)]
    request = await first.build(TEXT * 3)
    meter.add(request.cost_key, 0.2, 1)
    async with aclosing(first.events(request)) as events:
        await anext(events)
        async with aclosing(second.events(request)) as others:
            await anext(others)
            assert admission.load() == pytest.approx(0.2)
        async with aclosing(second.events(await second.build(TEXT * 3, speed=2.0))) as others:
            await anext(others)
            assert admission.load() > 0.3
    for client in (first, second):
        client.close()
    admission.close()


async def test_refresh_reads_a_policy_that_has_changed(runtime_with_voice: Runtime, alice: SpeechClient) -> None:
    await LimitPolicyRow.objects.filter(scope="visitors").aupdate(max_text_length=5)
    await runtime_with_voice.rate_limiter.refresh()
    await alice.refresh()
    with pytest.raises(SpeechError) as refused:
        await alice.build(TEXT)
    assert refused.value.code == "text_too_long"


LONG = "A text that its listener hears for quite some time. " * 8


class TestResumption:
    """An utterance continues in another process, before new ones, with its resume token."""

    async def begin(self, client: SpeechClient, text: str = LONG, resume: str | None = None) -> str | None:
        """Begin an utterance, disconnect, and return its token."""
        async with aclosing(client.events(await client.build(text), resume=resume)) as events:
            start = await anext(events)
        client.close()
        assert isinstance(start, AudioStart)
        return start.resume

    @pytest.fixture
    def enters(self, runtime_with_voice: Runtime, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
        """Return, for each utterance that enters admission control, whether it is resumed."""
        entered: list[bool] = []
        enter = runtime_with_voice.admission.enter

        def record(*parts: Any, resumed: bool = False) -> Any:
            entered.append(resumed)
            return enter(*parts, resumed=resumed)

        monkeypatch.setattr(runtime_with_voice.admission, "enter", record)
        return entered

    async def test_a_token_is_used_once(self, alice: SpeechClient, enters: list[bool]) -> None:
        first = await self.begin(alice)
        second = await self.begin(alice, resume=first)
        await self.begin(alice, resume=first)
        await self.begin(alice, resume=second)
        assert enters == [False, True, False, True]

    async def test_another_client_cannot_use_it(
        self, runtime_with_voice: Runtime, alice: SpeechClient, enters: list[bool]
    ) -> None:
        token = await self.begin(alice)
        await self.begin(await runtime_with_voice.gateway.open(BOB), resume=token)
        await self.begin(alice, LONG + "And more.", resume=token)
        await self.begin(alice, resume="not a token")
        assert enters == [False] * 4

    async def test_a_running_utterance_cannot_be_resumed_beside_itself(
        self, runtime_with_voice: Runtime, enters: list[bool]
    ) -> None:
        alice, tab = [await runtime_with_voice.gateway.open(ALICE) for _ in range(2)]
        async with aclosing(alice.events(await alice.build(LONG))) as events:
            start = await anext(events)
            assert isinstance(start, AudioStart)
            await self.begin(tab, resume=start.resume)
        # Its place is reserved for a seek.
        await self.begin(tab, resume=start.resume)
        alice.close()
        await self.begin(tab, resume=start.resume)
        assert enters == [False, False, False, True]

    async def test_a_seek_keeps_the_admission(self, alice: SpeechClient, enters: list[bool]) -> None:
        async with aclosing(alice.events(await alice.build(LONG, start=8000))) as events:
            await anext(events)
        token = await self.begin(alice)
        await self.begin(alice, resume=token)
        assert enters == [False, True]

    async def test_without_storage_a_token_has_no_effect(
        self, runtime_with_voice: Runtime, alice: SpeechClient, enters: list[bool], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        token = await self.begin(alice)

        def fail(*_args: Any, **_options: Any) -> Any:
            raise LimitsUnavailableError

        limiter = runtime_with_voice.rate_limiter
        monkeypatch.setattr(limiter, "_cache", SimpleNamespace(add=fail))
        await self.begin(alice, resume=token)
        assert enters == [False, False]

    async def test_http_requests_get_no_token(self, runtime_with_voice: Runtime) -> None:
        assert await self.begin(await runtime_with_voice.gateway.open(ALICE, max_wait_s=10.0)) is None
