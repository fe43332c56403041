"""Single flight: a segment that several utterances of one owner need at the same time is synthesized once."""

import gc
import threading
from collections.abc import Iterator
from queue import Queue

import pytest

from synthesis.catalog import CatalogVoice
from synthesis.errors import SpeechError
from synthesis.pipeline.events import AudioChunk, AudioEnd
from synthesis.pipeline.flow_control import FlowControl
from synthesis.pipeline.request import SpeechRequest
from synthesis.pipeline.segment_cache import OwnerCache, SegmentAudioCache
from synthesis.pipeline.single_flight import SegmentsInProgress, then
from synthesis.pipeline.utterance_stream import Item, SegmentStart, UtteranceStream
from synthesis.pool.voice_cache import LoadedVoice
from synthesis.pool.worker_pool import WorkerPool
from tests.fake_engine import ToneEngine, ToneLatents, tone_manifest

TEXT = "One sentence that goes on for a while, and is long enough for several windows of any size."
VOICE = CatalogVoice("tone", "Tone", "en-US", (), ToneEngine.sample_rate, default=True)


@pytest.fixture
def engine() -> ToneEngine:
    return ToneEngine()


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    pool = WorkerPool(workers=4, max_utterances=8)
    yield pool
    pool.close()


@pytest.fixture
def loaded(engine: ToneEngine) -> LoadedVoice:
    return LoadedVoice(tone_manifest(engine), engine)


class Utterance:
    """Synthesizes ``TEXT`` for an owner."""

    def __init__(self, pool: WorkerPool, loaded: LoadedVoice, owner: OwnerCache, start: int = 0) -> None:
        self._woken = threading.Semaphore(0)
        self._items: list[Item] = []
        request = SpeechRequest(TEXT, VOICE, None, 1.0, start)
        self.stream = UtteranceStream(pool, loaded, request, FlowControl(), owner, self._woken.release)
        self.stream.start()

    def _take(self) -> None:
        assert self._woken.acquire(timeout=10)
        while new := self.stream.take():
            self._items += new

    def until_decoding(self) -> "Utterance":
        """Wait until the text is encoded."""
        while not any(isinstance(item, SegmentStart) for item in self._items):
            self._take()
        return self

    def pcm(self) -> bytes:
        """Return the audio, after its end."""
        while not any(isinstance(item, AudioEnd) for item in self._items):
            self._take()
        return b"".join(item.pcm for item in self._items if isinstance(item, AudioChunk))


def test_simultaneous_utterances_of_an_owner_decode_each_window_once(
    pool: WorkerPool, engine: ToneEngine, loaded: LoadedVoice
) -> None:
    cache = SegmentAudioCache(10_000_000)
    engine.hold()
    alice = [Utterance(pool, loaded, cache.for_owner("alice", 5)) for _ in range(4)]
    assert engine.reached.wait(10)
    engine.release()
    heard = [utterance.pcm() for utterance in alice]
    assert len(set(heard)) == 1
    assert len(engine.decoded) == len(set(engine.decoded))
    # It was needed more than once, so it is cached.
    decoded = len(engine.decoded)
    assert Utterance(pool, loaded, cache.for_owner("alice", 5)).pcm() == heard[0]
    assert len(engine.decoded) == decoded


@pytest.mark.parametrize(("owner", "entries"), [("bob", 5), ("alice", 0)], ids=["another owner", "no caching"])
def test_others_share_nothing(
    pool: WorkerPool, engine: ToneEngine, loaded: LoadedVoice, owner: str, entries: int
) -> None:
    cache = SegmentAudioCache(10_000_000)
    engine.hold()
    both = [Utterance(pool, loaded, cache.for_owner(name, entries)) for name in ("alice", owner)]
    assert engine.reached.wait(10)
    engine.release()
    assert both[0].pcm() == both[1].pcm()
    assert len(engine.decoded) == 2 * len(set(engine.decoded))


def test_a_cancelled_utterance_does_not_stop_another(pool: WorkerPool, engine: ToneEngine, loaded: LoadedVoice) -> None:
    owner = SegmentAudioCache(10_000_000).for_owner("alice", 5)
    engine.hold()
    first = Utterance(pool, loaded, owner)
    assert engine.reached.wait(10)
    second = Utterance(pool, loaded, owner).until_decoding()
    first.stream.close()
    engine.release()
    reference = Utterance(pool, loaded, SegmentAudioCache(0).for_owner("bob", 0)).pcm()
    assert second.pcm() == reference


def test_an_utterance_that_begins_later_shares_what_is_decoded(
    pool: WorkerPool, engine: ToneEngine, loaded: LoadedVoice
) -> None:
    owner = SegmentAudioCache(10_000_000).for_owner("alice", 5)
    whole = Utterance(pool, loaded, owner)
    pcm = whole.pcm()
    decoded = len(engine.decoded)
    assert Utterance(pool, loaded, owner, start=1_001).pcm() == pcm[2_002:]
    assert len(engine.decoded) == decoded
    del whole


def test_segments_are_freed_with_their_utterances() -> None:
    segments = SegmentsInProgress()
    segment = segments.join("hello")
    assert segments.join("hello") is segment
    segment.leave()
    segment.leave()
    assert segments.join("hello") is not segment
    del segment
    gc.collect()
    assert len(segments._segments) == 0


def test_windows_join_to_ranges() -> None:
    segment = SegmentsInProgress().join(None)
    segment.add(4, b"efgh")
    segment.add(0, b"abcd")
    segment.add(10, b"kl")
    assert segment.find(2, 7) == b"cdefg"
    assert segment.find(7, 11) is None
    segment.add(8, b"ij")
    assert segment.find(0, 12) == b"abcdefghijkl"


def test_a_window_that_failed_is_decoded_again() -> None:
    segment = SegmentsInProgress().join(None)

    def fail() -> bytes:
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - the one above
        segment.window(0, 2, fail)
    assert segment.window(0, 2, lambda: b"ab") == (b"ab", False)
    assert segment.window(0, 2, fail) == (b"ab", True)


def test_a_worker_takes_other_work_while_another_one_decodes_the_same_window(
    engine: ToneEngine, loaded: LoadedVoice
) -> None:
    pool = WorkerPool(workers=3, max_utterances=8)
    owner = SegmentAudioCache(10_000_000).for_owner("alice", 5)
    engine.hold()
    both = [Utterance(pool, loaded, owner)]
    assert engine.reached.wait(10)
    # Its jobs need what two workers decode now.
    both.append(Utterance(pool, loaded, owner).until_decoding())
    done = threading.Event()
    for _ in range(3):
        pool.submit(lambda: None, 0.0, lambda *_: done.set(), lambda: True)
        assert done.wait(10)
        done.clear()
    engine.release()
    assert both[0].pcm() == both[1].pcm()
    pool.close()


@pytest.mark.parametrize("error", [ValueError("no memory"), SystemExit()], ids=["error", "exit"])
def test_a_job_that_waits_for_a_window_gets_its_error(error: BaseException) -> None:
    pool = WorkerPool(workers=1, max_utterances=8)
    segment = SegmentsInProgress().join(None)
    results: Queue[object] = Queue()

    def fail() -> bytes:
        # Another utterance needs the same window meanwhile.
        future, shared = segment.window(0, 2, fail)
        assert shared
        pool.submit(lambda: future, 0.0, lambda result, _: results.put(result), lambda: True)
        raise error

    with pytest.raises(type(error)):
        segment.window(0, 2, fail)
    assert isinstance(results.get(timeout=10), ValueError if isinstance(error, ValueError) else SpeechError)
    pool.close()


def test_a_segment_that_could_not_be_encoded_is_encoded_again() -> None:
    segment = SegmentsInProgress().join(None)
    latents = ToneEngine().encode([1, 2, 3], 0, 1.0)
    waiting: list[object] = []

    def fail() -> tuple[ToneLatents, list[tuple[int, int]]]:
        future = segment.encode(fail)
        assert future is not None
        then(future, lambda _: None).add_done_callback(lambda done: waiting.append(done.exception()))
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - the one above
        segment.encode(fail)
    assert [type(error) for error in waiting] == [ValueError]
    assert segment.encode(lambda: (latents, [])) is None
    assert segment.latents is latents
