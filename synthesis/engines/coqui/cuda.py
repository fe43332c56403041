"""The engine for NVIDIA GPUs: batches and CUDA graphs, with a fallback to the CPU engine if the GPU is lost."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from synthesis.audio.loudness import to_pcm16
from synthesis.engines.base import DecodeRequest, EncodeRequest, Engine, Latents, SynthesisCancelled
from synthesis.engines.coqui.device import Device
from synthesis.engines.coqui.lanes import release_cached
from synthesis.engines.coqui.latents import Segment, Sentence, Window
from synthesis.engines.coqui.layout import BATCHES, ID_BUCKETS, WINDOW
from synthesis.engines.coqui.programs import Options
from synthesis.engines.vits import durations_of, most_frames
from synthesis.errors import SpeechError, VoiceError
from synthesis.voice_files.manifest import VoiceManifest

logger = logging.getLogger(__name__)
T = TypeVar("T")

REBUILD_EVERY_S = 600.0
"""Seconds: a device that fails again sooner than this after a rebuild counts as lost."""
CAPTURE_PAUSE_S = 0.02
"""Seconds between two graph captures in the background, for the batches that wait meanwhile."""
MIB = 1024 * 1024
CONTEXT_MB = 600
"""Megabytes to reserve for CUDA itself in each process, which PyTorch's limit does not include. An estimate."""
ENCODE_KEYS = (128, 256, 512, ID_BUCKETS[-1])
"""Phoneme-id lengths that share a batch: all segments are padded to the longest."""


@dataclass(slots=True, eq=False)
class CudaLatents:
    """One encoded segment: on the device, or with the CPU engine after the fallback."""

    request: EncodeRequest
    durations: NDArray[np.int64]
    place: Any
    """The location of the segment: its device's mark and ``Segment``, or the CPU engine and its latents."""
    cancelled: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def frames(self) -> int:
        """Return the length of the segment in frames."""
        return int(self.durations.sum())

    def cancel(self) -> None:
        """See ``Latents.cancel``."""
        self.cancelled = True


class CudaEngine:
    """Implements ``BatchEngine`` over one voice on one device. Thread-safe.

    When the device fails (out of memory, or lost), the engine rebuilds it once and encodes segments
    again on demand: the noise is seeded from the text, so the audio is the same. When it fails
    again soon, the CPU engine takes over until the process ends.
    """

    largest_window = WINDOW

    def __init__(
        self,
        folder: Path,
        manifest: VoiceManifest,
        *,
        device: str = "cuda",
        options: Options | None = None,
        memory_mb: int = 0,
        processes: int = 1,
        fault: Callable[[str], None] = lambda _program: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Load the voice in ``folder`` on ``device``, using at most ``memory_mb`` of its memory (0: all).

        The process takes no more than its share of the memory if several ``processes`` use the device.

        ``fault`` is called with the name of a program before each batch; tests use it to raise
        device errors.

        :raises VoiceError: ``voice_invalid`` if the checkpoint is missing or damaged;
        ``gpu_missing`` if there is no such device; ``gpu_full`` if its memory is insufficient.
        """
        self._folder = folder
        self._manifest = manifest
        self._options = options or Options()
        self._fault = fault
        self._clock = clock
        self._most_frames = most_frames(manifest)
        self._target = torch.device(device)
        self._failing = threading.Lock()
        self._rebuilt_at = float("-inf")
        self._rebuilt = 0
        self._last_failure = ""
        self._cpu: Engine | None = None
        self._counted_before: dict[str, Any] = {}
        """Counters of the devices that failed."""
        if self._target.type == "cuda":
            memory_mb = _limit_memory(self._target, memory_mb, processes)
        try:
            self._device: Device | None = self._build()
        except (RuntimeError, AssertionError) as error:
            # Raised by PyTorch's allocator, or by CUDA itself if other processes leave no memory for a context.
            if "out of memory" in str(error):
                raise VoiceError("gpu_full", _full(self._target, memory_mb)) from error
            raise VoiceError("gpu_missing", f"The GPU cannot be used: {_first_line(error)}") from error

    def _build(self) -> Device:
        device = Device(self._folder, self._manifest, self._target, self._options, self._fault)
        device.warm()
        return device

    def capture_all(self) -> None:
        """Capture the graphs of all usual shapes, with pauses; call it in a background thread after loading."""
        device = self._device
        for shape in device.shapes()[1] if device is not None and device.timeline.cuda else ():
            if self._device is not device or device is None:
                return
            try:
                device.capture(shape)
            except RuntimeError as error:
                # Batches of this shape will fail in the same way, and handle it.
                logger.warning("a CUDA graph could not be captured: %s", _first_line(error))
                return
            time.sleep(CAPTURE_PAUSE_S)

    @property
    def max_batch(self) -> int:
        """See ``BatchEngine.max_batch``: 1 after the fallback, where the last of a batch would wait for all others."""
        return BATCHES[-1] if self._device is not None else 1

    @property
    def sample_rate(self) -> int:
        """Return the sample rate in Hz."""
        return self._manifest.sample_rate

    @property
    def hop_length(self) -> int:
        """Return the samples per frame."""
        return self._manifest.hop_length

    def encode_key(self, request: EncodeRequest) -> Hashable:
        """See ``BatchEngine.encode_key``: segments are padded to a common length, which wastes time for short ones."""
        return next((key for key in ENCODE_KEYS if key >= len(request.ids)), None)

    def decode_key(self, request: DecodeRequest) -> Hashable:
        """See ``BatchEngine.decode_key``: the windows of a batch are computed with the same number of frames."""
        latents, device = request.latents, self._device
        if isinstance(latents, CudaLatents) and device is not None and request.stop - request.start <= WINDOW:
            segment = latents.place[1]
            if isinstance(segment, Segment):
                return device.window_bucket(Window(segment, request.start, request.stop))
        return None

    def encode(self, ids: Sequence[int], speaker: int, speed: float) -> Latents:
        """See ``Engine.encode``."""
        return _only(self.encode_batch([EncodeRequest(ids, speaker, speed)]))

    def decode(self, latents: Latents, start: int, stop: int) -> NDArray[np.float32]:
        """See ``Engine.decode``.

        Raises ``SynthesisCancelled``, or ``ValueError`` for frames outside the segment.
        """
        ranges = [(begin, min(begin + WINDOW, stop)) for begin in range(start, stop, WINDOW)] or [(start, stop)]
        made = [self.decode_batch([DecodeRequest(latents, *ends)]) for ends in ranges]
        return np.concatenate([_only(piece) for piece in made])

    def encode_batch(self, requests: Sequence[EncodeRequest]) -> list[Latents | Exception]:
        """See ``BatchEngine.encode_batch``."""
        results: dict[int, Latents | Exception] = {}
        fitting: list[int] = []
        for place, request in enumerate(requests):
            if 0 < len(request.ids) <= ID_BUCKETS[-1]:
                fitting.append(place)
            else:
                results[place] = ValueError(f"a segment has 1 to {ID_BUCKETS[-1]} ids")
        wanted = [requests[place] for place in fitting]
        if wanted:
            results |= zip(fitting, self._surviving(lambda: self._encode(wanted)), strict=True)
        return [results[place] for place in range(len(requests))]

    def decode_batch(self, requests: Sequence[DecodeRequest]) -> list[NDArray[np.float32] | Exception]:
        """See ``BatchEngine.decode_batch``."""
        return self._windows(requests, None, lambda samples: samples)

    def decode_pcm_batch(self, requests: Sequence[DecodeRequest], gain: float) -> list[bytes | Exception]:
        """See ``BatchEngine.decode_pcm_batch``."""
        return self._windows(requests, gain, lambda samples: samples.tobytes())

    def stats(self) -> dict[str, Any]:
        """See ``BatchEngine.stats``. Waits for a rebuild in progress."""
        with self._failing:
            device, before = self._device, self._counted_before
        state: dict[str, Any] = {
            "device": str(self._target) if device is not None else "processor",
            "lost": device is None,
            "rebuilt": self._rebuilt,
            "last_failure": self._last_failure,
        }
        own = {} if device is None else device.stats()
        return state | own | {"programs": _added(before, own.get("programs", {}))}

    def _current(self) -> Device | None:
        """Return the device, waiting for a rebuild in progress."""
        with self._failing:
            return self._device

    def _encode(self, requests: Sequence[EncodeRequest]) -> list[Latents | Exception]:
        device = self._current()
        if device is None:
            return [_result(lambda request=request: self._encode_on_cpu(request)) for request in requests]  # type: ignore[misc]
        sentences = [Sentence(request.ids, request.speaker, request.speed) for request in requests]
        segments = device.encode(sentences, lambda frames, speed: durations_of(frames, speed, self._most_frames))
        return [
            segment
            if isinstance(segment, Exception)
            else CudaLatents(request, segment.durations, (device.mark, segment))
            for request, segment in zip(requests, segments, strict=True)
        ]

    def _encode_on_cpu(self, request: EncodeRequest) -> CudaLatents:
        engine = self._processor()
        latents = engine.encode(request.ids, request.speaker, request.speed)
        return CudaLatents(request, latents.durations, (engine, latents))

    def _windows(
        self, requests: Sequence[DecodeRequest], gain: float | None, finish: Callable[[NDArray[Any]], T]
    ) -> list[T | Exception]:
        return self._surviving(lambda: self._decode(requests, gain, finish))

    def _decode(
        self, requests: Sequence[DecodeRequest], gain: float | None, finish: Callable[[NDArray[Any]], T]
    ) -> list[T | Exception]:
        """Decode all valid requests; an invalid one yields its exception."""
        device = self._current()
        results: dict[int, T | Exception] = {}
        windows: dict[int, Window] = {}
        for place, request in enumerate(requests):
            try:
                latents = _checked(request)
                self._move(latents, device)
                if device is None:
                    results[place] = finish(self._decode_on_cpu(latents, request, gain))
                else:
                    windows[place] = Window(latents.place[1], request.start, request.stop)
            except Exception as error:
                # A device that another thread has released raises arbitrary exceptions.
                if _is_device_failure(error) or self._current() is not device:
                    raise
                results[place] = error.with_traceback(None)
        if device is not None and windows:
            made = device.decode(list(windows.values()), gain)
            results |= {place: finish(samples) for place, samples in zip(windows, made, strict=True)}
        return [results[place] for place in range(len(requests))]

    def _decode_on_cpu(self, latents: CudaLatents, request: DecodeRequest, gain: float | None) -> NDArray[Any]:
        engine, own = latents.place
        samples: NDArray[np.float32] = engine.decode(own, request.start, request.stop)
        return samples if gain is None else np.frombuffer(to_pcm16(samples, gain), "<i2")

    def _move(self, latents: CudaLatents, device: Device | None) -> None:
        """Encode a segment again whose device was replaced.

        :raises SpeechError: ``engine_failed`` if its durations differ this time.
        """
        with latents.lock:
            if latents.place[0] is (device.mark if device is not None else self._cpu):
                return
            again = _only(self._encode([latents.request]))
            assert isinstance(again, CudaLatents)  # noqa: S101 - made just now
            if not np.array_equal(again.durations, latents.durations):
                raise SpeechError("engine_failed", "Synthesis failed. Try again.")
            latents.place = again.place

    def _surviving(self, work: Callable[[], list[T]]) -> list[T]:
        """Run ``work``; after a device failure, retry on the rebuilt device, and then on the CPU engine."""
        for _ in range(2):
            device = self._current()
            try:
                return work()
            except Exception as error:
                # Another thread may have replaced the device meanwhile.
                if device is None or not (_is_device_failure(error) or self._current() is not device):
                    raise
                self._recover(device, error)
        return work()

    def _recover(self, failed: Device, error: Exception) -> None:
        with self._failing:
            if self._device is not failed:
                return
            self._counted_before = _added(self._counted_before, failed.counted())
            # The old device's memory must be free before the rebuild.
            failed.release()
            self._last_failure = _first_line(error)
            self._device = None
            now = self._clock()
            again = now - self._rebuilt_at >= REBUILD_EVERY_S
            self._rebuilt_at = now
            if again:
                logger.warning("the GPU failed (%s); rebuilding its engine", _first_line(error))
                try:
                    if self._target.type == "cuda":
                        release_cached()
                    self._device = self._build()
                    self._rebuilt += 1
                except RuntimeError as second:
                    error = second
                else:
                    return
            logger.error("the GPU is lost (%s); falling back to the CPU engine", _first_line(error))

    def _processor(self) -> Engine:
        with self._failing:
            if self._cpu is None:
                # Imported lazily: rarely needed, and slow to import.
                from synthesis.engines.onnx import OnnxEngine

                self._cpu = OnnxEngine(self._folder, self._manifest, noise=self._options.noise)
            return self._cpu


def _added(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sums of the counters of programs."""
    none: dict[str, Any] = {"batches": 0, "items": 0, "device_s": 0.0, "sizes": {}}
    sums: dict[str, Any] = {}
    for program in {**before, **now}:
        one, other = before.get(program, none), now.get(program, none)
        sizes = Counter(one["sizes"]) + Counter(other["sizes"])
        sums[program] = {name: one[name] + other[name] for name in ("batches", "items", "device_s")}
        sums[program]["sizes"] = dict(sizes)
    return sums


def _checked(request: DecodeRequest) -> CudaLatents:
    latents = request.latents
    if not isinstance(latents, CudaLatents) or not 0 <= request.start < request.stop <= latents.frames:
        raise ValueError(f"no frames {request.start} to {request.stop} in this segment")
    if latents.cancelled:
        raise SynthesisCancelled
    return latents


def _is_device_failure(error: Exception) -> bool:
    """Return whether the device, not the request, failed: out of memory, a CUDA error, or a CUDA library error."""
    if isinstance(error, torch.OutOfMemoryError | getattr(torch, "AcceleratorError", torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(name in str(error) for name in ("CUDA", "cuDNN", "CUBLAS"))


def memory_budget_mb(total_mb: int, memory_mb: int, processes: int) -> int:
    """Return the megabytes that each of ``processes`` may take of a device of ``total_mb``: ``memory_mb``, if they fit.

    A single process without ``memory_mb`` may take all.
    """
    if processes == 1:
        return min(total_mb, memory_mb or total_mb)
    return max(1, min(memory_mb or total_mb, total_mb // processes - CONTEXT_MB))


def _limit_memory(device: torch.device, memory_mb: int, processes: int) -> int:
    """Limit PyTorch's memory of this process. Returns the limit in MB, 0 for none."""
    if not torch.cuda.is_available():
        return memory_mb
    total = torch.cuda.get_device_properties(device).total_memory
    budget_mb = memory_budget_mb(total // MIB, memory_mb, processes)
    if budget_mb < total // MIB:
        torch.cuda.set_per_process_memory_fraction(budget_mb * MIB / total, device)
        return budget_mb
    return 0


def _full(device: torch.device, memory_mb: int) -> str:
    free = "it is full"
    # Even this query fails without memory for a CUDA context of this process.
    with suppress(RuntimeError):
        free = f"{torch.cuda.mem_get_info(device)[0] // MIB} MB are free" if device.type == "cuda" else free
    allowed = (
        f", and this process may use {memory_mb} MB (SYNTHESIS_GPU_MEMORY_MB, SERVER_PROCESSES)" if memory_mb else ""
    )
    return f"The GPU has too little memory for the voice: {free}{allowed}. Free some, or set SYNTHESIS_ENGINE=onnx."


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _result(work: Callable[[], T]) -> T | Exception:
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - the request's own result
        return error.with_traceback(None)


def _only(results: Sequence[T | Exception]) -> T:
    [result] = results
    if isinstance(result, Exception):
        raise result
    return result
