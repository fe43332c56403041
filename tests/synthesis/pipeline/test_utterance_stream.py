"""An utterance in the worker threads: credit, window sizes, deadlines, and the same samples whatever the windows."""

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from synthesis.catalog import CatalogVoice
from synthesis.errors import SpeechError
from synthesis.pipeline.events import AudioChunk, AudioEnd
from synthesis.pipeline.flow_control import UNREPORTED_S, FlowControl, PullFlowControl
from synthesis.pipeline.request import SpeechRequest
from synthesis.pipeline.segment_cache import NO_CACHE
from synthesis.pipeline.utterance_stream import (
    FIRST_AUDIO_S,
    MAX_IN_FLIGHT,
    RELEASE_AFTER_S,
    Item,
    UtteranceStream,
)
from synthesis.pipeline.windows import (
    COMFORTABLE_S,
    COMFORTABLE_WINDOW,
    FIRST_WINDOW,
    LARGEST_WINDOW,
    WindowPlan,
    comfortable_window,
)
from synthesis.pool.voice_cache import LoadedVoice
from synthesis.pool.worker_pool import WorkerPool
from tests.fake_engine import ToneEngine, ToneLatents, tone_manifest

LONG = "One sentence that goes on for a while, and is long enough for several windows of any size. " * 3
RATE, HOP = ToneEngine.sample_rate, ToneEngine.hop_length


@pytest.fixture
def engine() -> ToneEngine:
    return ToneEngine()


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    """Many workers, of which one client may use large windows."""
    pool = WorkerPool(workers=11, max_utterances=8)
    yield pool
    pool.close()


class Heard:
    """Takes the items of a stream."""

    def __init__(
        self,
        pool: WorkerPool,
        engine: ToneEngine,
        flow: FlowControl,
        *,
        start: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        voice = CatalogVoice("tone", "Tone", "en-US", (), RATE, default=True)
        self._woken = threading.Semaphore(0)
        request = SpeechRequest(LONG, voice, None, 1.0, start)
        loaded = LoadedVoice(tone_manifest(engine), engine)
        self.stream = UtteranceStream(pool, loaded, request, flow, NO_CACHE, self._woken.release, clock)
        self.items: list[Item] = []
        self.stream.start()

    def until_end(self) -> "Heard":
        while not any(isinstance(item, AudioEnd) for item in self.items):
            assert self._woken.acquire(timeout=10)
            while items := self.stream.take():
                self.items += items
        return self

    def until_parked(self) -> "Heard":
        assert self._woken.acquire(timeout=10)
        while not self.stream.is_waiting_for_credit:
            self._woken.acquire(timeout=0.01)
        self.items += self.stream.take()
        return self

    @property
    def pcm(self) -> bytes:
        return b"".join(item.pcm for item in self.items if isinstance(item, AudioChunk))


def flow_of(buffered_s: float, limit: int | None = None) -> FlowControl:
    flow = FlowControl()
    flow.update(0, buffered_s, limit)
    return flow


@pytest.mark.parametrize(("workers", "frames"), [(1, 48), (2, 48), (5, 96), (11, 192), (64, 192)])
def test_large_windows_need_workers_for_others(workers: int, frames: int) -> None:
    assert comfortable_window(workers) == frames


def test_a_plan_can_start_again_with_a_short_window() -> None:
    plan = WindowPlan(10_000)
    sizes = []
    for comfortable in (0, 0, 0, 0, 192, 192, 0):
        start, end = plan.next(comfortable)
        sizes.append(end - start)
    assert sizes == [16, 32, 48, 48, 192, 192, 48]
    plan.restart()
    assert plan.next() == (plan.begin - 16, plan.begin)


def test_windows_grow_with_the_buffer(pool: WorkerPool, engine: ToneEngine) -> None:
    Heard(pool, engine, flow_of(0.0)).until_end()
    assert min(end - start for start, end in engine.decoded) <= FIRST_WINDOW
    engine.decoded.clear()
    Heard(pool, engine, flow_of(3.0)).until_end()
    assert COMFORTABLE_WINDOW in {end - start for start, end in engine.decoded}


def test_the_samples_are_the_same_whatever_the_windows(pool: WorkerPool, engine: ToneEngine) -> None:
    small = Heard(pool, engine, flow_of(0.0)).until_end().pcm
    large = Heard(pool, engine, flow_of(60.0)).until_end().pcm
    pulled = Heard(pool, engine, PullFlowControl(None), start=12_345).until_end().pcm
    assert small == large
    assert pulled == small[2 * 12_345 :]


def test_no_window_begins_beyond_the_credit(pool: WorkerPool, engine: ToneEngine) -> None:
    flow = flow_of(0.0, limit=2 * RATE)
    heard = Heard(pool, engine, flow).until_parked()
    assert 2 * RATE <= len(heard.pcm) // 2 < 2 * RATE + 2 * LARGEST_WINDOW * HOP
    made = len(engine.decoded)
    flow.update(len(heard.pcm) // 2, 1.9, 2 * RATE)
    assert len(engine.decoded) == made
    flow.update(len(heard.pcm) // 2, 0.5, 4 * RATE)
    heard.until_parked()
    assert len(heard.pcm) // 2 >= 4 * RATE


def test_a_client_with_much_audio_gets_several_windows_at_once(pool: WorkerPool, engine: ToneEngine) -> None:
    flow = flow_of(5.0, limit=2 * RATE)
    heard = Heard(pool, engine, flow).until_parked()
    sent = len(heard.pcm) // 2
    made = len(engine.decoded)
    flow.update(sent, 4.5, sent + RATE // 2)
    assert heard.stream.is_waiting_for_credit
    flow.update(sent, 3.4, sent + COMFORTABLE_WINDOW * HOP)
    heard.until_parked()
    assert len(engine.decoded) > made


class RecordingEngine(ToneEngine):
    """Records the encoded segments."""

    def __init__(self) -> None:
        super().__init__()
        self.encoded: list[ToneLatents] = []

    def encode(self, ids: Sequence[int], speaker: int, speed: float) -> ToneLatents:
        self.encoded.append(super().encode(ids, speaker, speed))
        return self.encoded[-1]


def test_a_stalled_client_holds_no_encoded_segment(pool: WorkerPool) -> None:
    engine, now = RecordingEngine(), [100.0]
    whole = Heard(pool, engine, flow_of(0.0)).until_end().pcm
    segments = len(engine.encoded)
    heard = Heard(pool, engine, flow := flow_of(0.0, limit=RATE), clock=lambda: now[0]).until_parked()
    stalled = engine.encoded[-1]
    now[0] += RELEASE_AFTER_S - 1
    heard.stream.release_if_stalled()
    assert pool.queued_jobs == 0
    assert not stalled.cancelled.is_set()
    now[0] += 1
    heard.stream.release_if_stalled()
    # A cancelled segment of one listener is not referenced any more.
    assert stalled.cancelled.wait(10)
    flow.update(len(heard.pcm) // 2, 0.0, None)
    assert heard.until_end().pcm == whole
    assert len(engine.encoded) == 2 * segments + 1


def test_a_closed_stream_decodes_no_more(pool: WorkerPool, engine: ToneEngine) -> None:
    engine.hold()
    heard = Heard(pool, engine, flow_of(0.0))
    assert engine.reached.wait(10)
    heard.stream.close()
    pool.close(timeout=2)
    # The running window was cancelled, although the engine is still held.
    assert pool.alive_workers == 0
    assert engine.decoded == []
    assert heard.stream.take() == []


def test_the_error_of_a_job_is_raised_after_the_events_before_it(pool: WorkerPool, engine: ToneEngine) -> None:
    engine.break_with = SpeechError("engine_failed", "no")
    heard = Heard(pool, engine, flow_of(0.0))
    with pytest.raises(SpeechError):
        heard.until_end()
    assert heard.items


def test_a_closed_pool_fails_the_stream(pool: WorkerPool, engine: ToneEngine) -> None:
    pool.close()
    with pytest.raises(SpeechError):
        Heard(pool, engine, flow_of(0.0)).until_end()


def test_at_most_two_windows_are_in_flight(pool: WorkerPool, engine: ToneEngine) -> None:
    submitted: list[int] = []
    submit = pool.submit

    def counted(work: object, deadline: float, *rest: object) -> None:
        # Each job is submitted in the callback of another one, so this is the number of unfinished jobs.
        submitted.append(heard.stream._jobs if len(submitted) > 1 else 1)
        submit(work, deadline, *rest)  # type: ignore[arg-type]

    pool.submit = counted  # type: ignore[assignment,method-assign]
    heard = Heard(pool, engine, flow_of(0.0))
    heard.until_end()
    # Two windows, and the encoding of the next segment.
    assert max(submitted) <= MAX_IN_FLIGHT + 1


def test_a_running_client_goes_before_a_new_one(pool: WorkerPool, engine: ToneEngine) -> None:
    deadlines: list[float] = []
    submit = pool.submit

    def recorded(work: object, deadline: float, *rest: object) -> None:
        deadlines.append(deadline)
        submit(work, deadline, *rest)  # type: ignore[arg-type]

    pool.submit = recorded  # type: ignore[assignment,method-assign]
    flow = FlowControl(clock=lambda: 500.0)
    flow.update(0, 0.0, None)
    heard = Heard(pool, engine, flow)
    begun = heard.stream.progress_at
    heard.until_end()
    first, last = deadlines[0], deadlines[-1]
    assert first == pytest.approx(max(500.0, begun + FIRST_AUDIO_S), abs=1)
    assert last > 500.0


def test_a_client_plays_on_between_its_reports() -> None:
    now = [100.0]
    flow = FlowControl(clock=lambda: now[0])
    flow.update(RATE, 1.5, None, at=99.6)
    assert flow.needed_at(RATE, RATE) == pytest.approx(101.1)
    now[0] = 100.5
    # A deadline does not move while time passes.
    assert flow.needed_at(RATE, RATE) == pytest.approx(101.1)
    assert flow.ahead_s(RATE, RATE) == pytest.approx(0.6)


def test_a_client_cannot_claim_to_play_faster_than_real_time() -> None:
    now = [100.0]
    flow = FlowControl(clock=lambda: now[0])
    flow.begin(0)
    now[0] = 101.0
    # It has received ten seconds of audio within one second, and says that it has played all of it.
    flow.update(10 * RATE, 0.0, None)
    assert flow.needed_at(10 * RATE, RATE) == pytest.approx(110.0)
    assert flow.reserve_s(10 * RATE, RATE) == pytest.approx(9.0)


def test_the_first_audio_begins_the_real_time(pool: WorkerPool, engine: ToneEngine) -> None:
    flow = FlowControl(clock=lambda: 500.0)
    heard = Heard(pool, engine, flow, start=RATE).until_end()
    flow.update(RATE + len(heard.pcm) // 2, 0.0, None)
    assert flow.ahead_s(2 * RATE, RATE) == pytest.approx(1.0)


def test_a_client_that_no_longer_reports_may_have_stopped() -> None:
    now = [100.0]
    flow = FlowControl(clock=lambda: now[0])
    flow.update(RATE, 1.5, 2 * RATE)
    now[0] = 200.0
    assert flow.ahead_s(RATE, RATE) == pytest.approx(1.5 - UNREPORTED_S)
    assert flow.reserve_s(RATE, RATE) == pytest.approx(1.5 - UNREPORTED_S)
    # Its credit is used up: it lacks nothing.
    assert flow.reserve_s(2 * RATE, RATE) == math.inf


class TestPullFlowControl:
    """Tests the assumption that a client without playback reports plays in real time."""

    def test_each_taken_chunk_gives_credit(self, pool: WorkerPool, engine: ToneEngine) -> None:
        # Less than the windows that a client with much audio gets at once.
        flow = PullFlowControl(COMFORTABLE_WINDOW * HOP / RATE / 2, clock=lambda: 100.0)
        flow.taken(0, RATE)
        heard = Heard(pool, engine, flow)
        while not any(isinstance(item, AudioEnd) for item in heard.items):
            heard.until_parked()
            flow.taken(len(heard.pcm) // 2, RATE)
        assert flow.ahead_s(len(heard.pcm) // 2, RATE) > COMFORTABLE_S

    def test_the_client_needs_audio_when_its_buffer_ends(self) -> None:
        now = [100.0]
        flow = PullFlowControl(2.0, clock=lambda: now[0])
        flow.taken(0, RATE)
        assert (flow.needed_at(0, RATE), flow.limit) == (100.0, 2 * RATE)
        flow.taken(3 * RATE, RATE)
        assert (flow.needed_at(3 * RATE, RATE), flow.limit) == (103.0, 5 * RATE)
        now[0] = 102.5
        assert flow.ahead_s(3 * RATE, RATE) == pytest.approx(3.0 - UNREPORTED_S)
        flow.taken(3 * RATE, RATE)
        assert flow.ahead_s(3 * RATE, RATE) == pytest.approx(0.5)
