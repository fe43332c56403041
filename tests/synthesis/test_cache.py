"""Phrases that were made before: heard again at once, the same to the sample, by nobody else, within their bounds."""

from collections.abc import Sequence
from contextlib import aclosing

import numpy as np
import pytest

from synthesis.cache import NO_SHELF, Phrase, Phrases, Shelf
from synthesis.models import Limits
from synthesis.runtime import Runtime
from synthesis.speech import Audio, Event, Words, build_request
from tests.terminal.wire import tab
from tests.tone import ToneEngine

TEXT = "The first sentence is said. Then the second one follows."


def phrase(size: int) -> Phrase:
    """One that takes that many bytes."""
    numbers = np.zeros(1, dtype=np.int64)
    return Phrase([], numbers, bytes(size - Phrase([], numbers, b"").size))


def put(shelf: Shelf, key: object, size: int = 2000) -> None:
    """Make it twice."""
    for _ in range(2):
        shelf.keep(key, phrase(size))


class TestPhrases:
    """Bounded by owner in number, and over all in bytes."""

    def test_each_has_a_shelf_of_their_own(self) -> None:
        phrases = Phrases(10_000)
        alice, bob = phrases.shelf("alice", 5), phrases.shelf("bob", 5)
        put(alice, "hello")
        assert alice.find("hello")
        assert bob.find("hello") is None

    def test_what_is_made_once_takes_nothing_and_drives_nothing_out(self) -> None:
        phrases = Phrases(10_000)
        shelf = phrases.shelf("alice", 1000)
        put(shelf, "hello")
        size = phrases.size
        for number in range(20_000):
            shelf.keep(number, phrase(2000))
        assert shelf.find("hello")
        assert (phrases.size, len(phrases._once)) == (size, 10_000)

    def test_what_was_not_asked_for_the_longest_makes_room_on_its_own_shelf(self) -> None:
        phrases = Phrases(100_000)
        alice, bob = phrases.shelf("alice", 2), phrases.shelf("bob", 2)
        put(bob, "old")
        for key in ("one", "two"):
            put(alice, key)
        alice.find("one")
        put(alice, "three")
        assert [bool(alice.find(key)) for key in ("one", "two", "three")] == [True, False, True]
        assert bob.find("old")

    def test_all_together_take_no_more_than_is_allowed(self) -> None:
        phrases = Phrases(10_000)
        shelf = phrases.shelf("alice", 1000)
        for number in range(50):
            put(shelf, number, 2000 + number)
            assert phrases.size <= 10_000
        assert shelf.find(49)
        assert shelf.find(0) is None
        phrases.clear()
        assert (phrases.size, shelf.find(49)) == (0, None)

    def test_what_is_too_large_for_all_of_it_drives_nothing_out(self) -> None:
        phrases = Phrases(5000)
        shelf = phrases.shelf("alice", 10)
        put(shelf, "small")
        put(shelf, "large", 6000)
        assert shelf.find("small")
        assert shelf.find("large") is None

    @pytest.mark.parametrize("shelf", [NO_SHELF, Phrases(10_000).shelf("alice", 0)])
    def test_where_nothing_is_to_be_kept_nothing_is(self, shelf: Shelf) -> None:
        put(shelf, "hello")
        assert shelf.find("hello") is None


async def heard(here: Runtime, text: str, shelf: Shelf, *, speed: float = 1.0, start: int = 0) -> list[Event]:
    """All that is told of an utterance."""
    request = build_request(await here.catalogue.read(), text, speed=speed, start=start)
    async with aclosing(here.speech.speak(request, shelf=shelf)) as events:
        return [event async for event in events]


async def known(here: Runtime, shelf: Shelf) -> None:
    """Have the text spoken until it is kept."""
    for _ in range(2):
        await heard(here, TEXT, shelf)
    assert here.phrases.size


def pcm(events: Sequence[Event]) -> bytes:
    return b"".join(event.pcm for event in events if isinstance(event, Audio))


@pytest.mark.django_db(transaction=True)
class TestSpeaking:
    """Through the whole pipeline."""

    @pytest.fixture
    def shelf(self, tone: Runtime) -> Shelf:
        return tone.phrases.shelf("alice", 500)

    async def test_a_repeat_is_the_same_and_in_the_end_makes_nothing(
        self, tone: Runtime, engine: ToneEngine, shelf: Shelf
    ) -> None:
        first, second = await heard(tone, TEXT, shelf), await heard(tone, TEXT, shelf)
        made = len(engine.decoded)
        assert first == second == await heard(tone, TEXT, shelf)
        assert len(engine.decoded) == made

    async def test_a_phrase_is_known_in_another_text(self, tone: Runtime, engine: ToneEngine, shelf: Shelf) -> None:
        await known(tone, shelf)
        made = len(engine.decoded)
        other = "Then the second one follows."
        events = await heard(tone, other, shelf)
        assert len(engine.decoded) == made
        assert pcm(events) == pcm(await heard(tone, other, NO_SHELF))
        words = [word for event in events if isinstance(event, Words) for word in event.words]
        assert [other[word.start : word.end] for word in words] == ["Then", "the", "second", "one", "follows."]

    @pytest.mark.parametrize("start", [1, 5000, 20_000])
    async def test_it_can_be_begun_anywhere(self, tone: Runtime, shelf: Shelf, start: int) -> None:
        await known(tone, shelf)
        assert pcm(await heard(tone, TEXT, shelf, start=start)) == pcm(await heard(tone, TEXT, NO_SHELF, start=start))

    async def test_what_was_begun_in_its_midst_is_not_taken_for_the_whole(self, tone: Runtime, shelf: Shelf) -> None:
        for _ in range(2):
            await heard(tone, TEXT, shelf, start=2000)
        assert pcm(await heard(tone, TEXT, shelf)) == pcm(await heard(tone, TEXT, NO_SHELF))

    async def test_another_speed_is_another_phrase(self, tone: Runtime, shelf: Shelf) -> None:
        await known(tone, shelf)
        assert pcm(await heard(tone, TEXT, shelf, speed=1.5)) == pcm(await heard(tone, TEXT, NO_SHELF, speed=1.5))

    async def test_a_voice_that_was_loaded_anew_is_another(
        self, tone: Runtime, engine: ToneEngine, shelf: Shelf
    ) -> None:
        await known(tone, shelf)
        made = len(engine.decoded)
        tone.voices._loads.clear()
        await heard(tone, TEXT, shelf)
        assert len(engine.decoded) > made

    async def test_who_is_short_of_memory_sheds_it_first(self, tone: Runtime, shelf: Shelf) -> None:
        await known(tone, shelf)
        assert tone.phrases.size
        tone._shed()
        assert not tone.phrases.size

    @pytest.mark.parametrize(("phrases", "again"), [(500, False), (0, True)])
    async def test_a_tab_s_repeat_is_made_again_only_where_nothing_is_kept(
        self, tone: Runtime, engine: ToneEngine, phrases: int, *, again: bool
    ) -> None:
        await Limits.objects.aupdate_or_create(audience="visitors", defaults={"phrases": phrases})
        async with tab() as alice:
            for number in (1, 2):
                await alice.send("speech.create", id=number, text="Hello there.")
                await alice.until("speech.done", id=number)
            made = len(engine.decoded)
            await alice.send("speech.create", id=3, text="Hello there.")
            await alice.until("speech.done", id=3)
            assert alice.heard(1) == alice.heard(2) == alice.heard(3)
        assert (len(engine.decoded) > made) is again
