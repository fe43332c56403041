"""The segment cache: immediate, identical audio for repeats, a separate cache per owner, and bounds."""

from collections.abc import Sequence
from contextlib import aclosing

import numpy as np
import pytest

from synthesis.models import LimitPolicyRow
from synthesis.pipeline.events import AudioChunk, Event, WordTimings
from synthesis.pipeline.request import build_request
from synthesis.pipeline.segment_cache import NO_CACHE, CachedSegment, OwnerCache, SegmentAudioCache
from synthesis.runtime import Runtime
from tests.fake_engine import ToneEngine
from tests.terminal.socket_client import tab

TEXT = "The first sentence is said. Then the second one follows."


def phrase(size: int) -> CachedSegment:
    """Return a segment of that many bytes."""
    numbers = np.zeros(1, dtype=np.int64)
    return CachedSegment([], numbers, bytes(size - CachedSegment([], numbers, b"").size))


def put(owner_cache: OwnerCache, key: object, size: int = 2000) -> None:
    """Put a segment twice, because only repeated segments are cached."""
    for _ in range(2):
        owner_cache.put(key, phrase(size))


class TestSegmentCache:
    """The cache is bounded in entries by owner, and in bytes over all owners."""

    def test_each_owner_has_a_separate_cache(self) -> None:
        phrases = SegmentAudioCache(10_000)
        alice, bob = phrases.for_owner("alice", 5), phrases.for_owner("bob", 5)
        put(alice, "hello")
        assert alice.get("hello")
        assert bob.get("hello") is None

    def test_an_owner_without_caching_has_nothing_stored(self) -> None:
        phrases = SegmentAudioCache(10_000)
        for owner in ("alice", "bob"):
            put(phrases.for_owner(owner, 5), "hello")
        alice = phrases.for_owner("alice", 0)
        put(alice, "hello")
        assert alice.get("hello") is None
        assert phrases.for_owner("bob", 5).get("hello")
        assert phrases.size == 2000

    def test_a_text_is_known_while_all_its_segments_are_stored(self) -> None:
        owner = SegmentAudioCache(10_000).for_owner("alice", 2)
        put(owner, "one")
        owner.put_text("text", ["one", "two"])
        assert not owner.has_text("text")
        put(owner, "two")
        owner.put_text("text", ["one", "two"])
        assert owner.has_text("text")
        assert not owner.cache.for_owner("bob", 2).has_text("text")
        put(owner, "three")
        assert not owner.has_text("text")

    def test_the_number_of_known_texts_is_bounded(self) -> None:
        owner = SegmentAudioCache(10_000).for_owner("alice", 2)
        put(owner, "one")
        for number in range(3_000):
            owner.put_text(number, ["one"])
        assert len(owner.cache._texts) == 1_000

    def test_a_segment_seen_once_is_not_stored_and_evicts_nothing(self) -> None:
        phrases = SegmentAudioCache(10_000)
        owner_cache = phrases.for_owner("alice", 1000)
        put(owner_cache, "hello")
        size = phrases.size
        for number in range(20_000):
            owner_cache.put(number, phrase(2000))
        assert owner_cache.get("hello")
        assert (phrases.size, len(phrases._seen_once)) == (size, 10_000)

    def test_the_least_recently_used_segment_of_the_owner_is_evicted(self) -> None:
        phrases = SegmentAudioCache(100_000)
        alice, bob = phrases.for_owner("alice", 2), phrases.for_owner("bob", 2)
        put(bob, "old")
        for key in ("one", "two"):
            put(alice, key)
        alice.get("one")
        put(alice, "three")
        assert [bool(alice.get(key)) for key in ("one", "two", "three")] == [True, False, True]
        assert bob.get("old")

    def test_all_owners_together_stay_within_the_size_limit(self) -> None:
        phrases = SegmentAudioCache(10_000)
        owner_cache = phrases.for_owner("alice", 1000)
        for number in range(50):
            put(owner_cache, number, 2000 + number)
            assert phrases.size <= 10_000
        assert owner_cache.get(49)
        assert owner_cache.get(0) is None
        phrases.clear()
        assert (phrases.size, owner_cache.get(49)) == (0, None)

    def test_a_segment_larger_than_the_cache_evicts_nothing(self) -> None:
        phrases = SegmentAudioCache(5000)
        owner_cache = phrases.for_owner("alice", 10)
        put(owner_cache, "small")
        put(owner_cache, "large", 6000)
        assert owner_cache.get("small")
        assert owner_cache.get("large") is None

    @pytest.mark.parametrize("owner_cache", [NO_CACHE, SegmentAudioCache(10_000).for_owner("alice", 0)])
    def test_a_disabled_cache_stores_nothing(self, owner_cache: OwnerCache) -> None:
        put(owner_cache, "hello")
        assert owner_cache.get("hello") is None


async def heard(
    runtime: Runtime, text: str, owner_cache: OwnerCache, *, speed: float = 1.0, start: int = 0
) -> list[Event]:
    """Return all events of an utterance, with its audio as one chunk at the end: windows depend on timing."""
    request = build_request(await runtime.catalog.read(), text, speed=speed, start=start)
    async with aclosing(runtime.synthesizer.synthesize(request, owner_cache=owner_cache)) as events:
        made = [event async for event in events]
    others = [event for event in made if not isinstance(event, AudioChunk)]
    return [*others, AudioChunk(start, pcm(made))]


async def known(runtime: Runtime, owner_cache: OwnerCache) -> None:
    """Synthesize the text until its segments are cached."""
    for _ in range(2):
        await heard(runtime, TEXT, owner_cache)
    assert runtime.segment_cache.size


def pcm(events: Sequence[Event]) -> bytes:
    return b"".join(event.pcm for event in events if isinstance(event, AudioChunk))


@pytest.mark.django_db(transaction=True)
class TestPipeline:
    """Cached segments in the whole pipeline."""

    @pytest.fixture
    def owner_cache(self, runtime_with_voice: Runtime) -> OwnerCache:
        return runtime_with_voice.segment_cache.for_owner("alice", 500)

    async def test_a_cached_repeat_has_identical_samples_and_runs_no_network(
        self, runtime_with_voice: Runtime, engine: ToneEngine, owner_cache: OwnerCache
    ) -> None:
        first, second = (
            await heard(runtime_with_voice, TEXT, owner_cache),
            await heard(runtime_with_voice, TEXT, owner_cache),
        )
        made = len(engine.decoded)
        assert first == second == await heard(runtime_with_voice, TEXT, owner_cache)
        assert len(engine.decoded) == made

    async def test_a_segment_is_reused_in_another_text(
        self, runtime_with_voice: Runtime, engine: ToneEngine, owner_cache: OwnerCache
    ) -> None:
        await known(runtime_with_voice, owner_cache)
        made = len(engine.decoded)
        other = "Then the second one follows."
        events = await heard(runtime_with_voice, other, owner_cache)
        assert len(engine.decoded) == made
        assert pcm(events) == pcm(await heard(runtime_with_voice, other, NO_CACHE))
        words = [word for event in events if isinstance(event, WordTimings) for word in event.words]
        assert [other[word.start : word.end] for word in words] == ["Then", "the", "second", "one", "follows."]

    @pytest.mark.parametrize("start", [1, 5000, 20_000])
    async def test_a_cached_segment_can_start_at_any_sample(
        self, runtime_with_voice: Runtime, owner_cache: OwnerCache, start: int
    ) -> None:
        await known(runtime_with_voice, owner_cache)
        assert pcm(await heard(runtime_with_voice, TEXT, owner_cache, start=start)) == pcm(
            await heard(runtime_with_voice, TEXT, NO_CACHE, start=start)
        )

    async def test_a_partial_segment_is_not_cached(self, runtime_with_voice: Runtime, owner_cache: OwnerCache) -> None:
        for _ in range(2):
            await heard(runtime_with_voice, TEXT, owner_cache, start=2000)
        assert pcm(await heard(runtime_with_voice, TEXT, owner_cache)) == pcm(
            await heard(runtime_with_voice, TEXT, NO_CACHE)
        )

    async def test_another_speed_is_another_segment(self, runtime_with_voice: Runtime, owner_cache: OwnerCache) -> None:
        await known(runtime_with_voice, owner_cache)
        assert pcm(await heard(runtime_with_voice, TEXT, owner_cache, speed=1.5)) == pcm(
            await heard(runtime_with_voice, TEXT, NO_CACHE, speed=1.5)
        )

    async def test_a_reloaded_voice_has_separate_cache_entries(
        self, runtime_with_voice: Runtime, engine: ToneEngine, owner_cache: OwnerCache
    ) -> None:
        await known(runtime_with_voice, owner_cache)
        made = len(engine.decoded)
        runtime_with_voice.voices._loads.clear()
        await heard(runtime_with_voice, TEXT, owner_cache)
        assert len(engine.decoded) > made

    async def test_the_segment_cache_is_evicted_before_voices(
        self, runtime_with_voice: Runtime, owner_cache: OwnerCache
    ) -> None:
        await known(runtime_with_voice, owner_cache)
        assert runtime_with_voice.segment_cache.size
        runtime_with_voice._evict_caches()
        assert not runtime_with_voice.segment_cache.size

    @pytest.mark.parametrize(("phrases", "again"), [(500, False), (0, True)])
    async def test_a_repeat_in_a_tab_is_synthesized_again_only_without_a_cache(
        self, runtime_with_voice: Runtime, engine: ToneEngine, phrases: int, *, again: bool
    ) -> None:
        await LimitPolicyRow.objects.aupdate_or_create(scope="visitors", defaults={"max_cached_segments": phrases})
        async with tab() as alice:
            for number in (1, 2):
                await alice.send("speech.create", id=number, text="Hello there.")
                await alice.until("speech.done", id=number)
            made = len(engine.decoded)
            await alice.send("speech.create", id=3, text="Hello there.")
            await alice.until("speech.done", id=3)
            assert alice.heard(1) == alice.heard(2) == alice.heard(3)
        assert (len(engine.decoded) > made) is again
