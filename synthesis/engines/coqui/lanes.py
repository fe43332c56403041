"""Batches of fixed shapes on a device: pinned buffers, one copy in each direction, and one CUDA graph per shape.

A lane is one CUDA stream with its static input. Several threads may use it: while one batch
computes, another thread fills its own pinned buffers, and a third reads its results. On the CPU
device the same programs run without graphs.
"""

import logging
import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import prod
from typing import Any, NamedTuple, Protocol, TypeVar

import torch
from numpy.typing import NDArray
from torch import Tensor

R = TypeVar("R")
Arrays = Mapping[str, NDArray[Any]]
Tensors = Mapping[str, Tensor]

logger = logging.getLogger(__name__)

MOST_TRIES = 3
"""Maximum attempts to capture the graph of one shape."""
ALIGNED = 64
"""Bytes to which each tensor of a buffer is aligned."""


class Shape(NamedTuple):
    """The shape of a batch of one program."""

    program: str
    batch: int
    length: int


class Field(NamedTuple):
    """One tensor of a buffer."""

    name: str
    dtype: torch.dtype
    dims: tuple[int, ...]

    @property
    def size(self) -> int:
        """Return its size in bytes, padded."""
        return -(-prod(self.dims) * self.dtype.itemsize // ALIGNED) * ALIGNED


class Program(Protocol):
    """A computation that a lane runs."""

    def inputs(self, shape: Shape) -> Sequence[Field]:
        """Return the tensors that are copied from the host."""

    def outputs(self, shape: Shape) -> Sequence[Field]:
        """Return the tensors that are copied to the host."""

    def compute(self, shape: Shape, given: Tensors) -> Tensors:
        """Compute the outputs, and other tensors that stay on the device."""


@dataclass(slots=True)
class Usage:
    """Usage counters of one program."""

    batches: int = 0
    items: int = 0
    device_s: float = 0.0
    sizes: Counter[int] = field(default_factory=Counter)


class Timeline:
    """One lock for all lanes of a device: issuing a batch is quick, and nothing is issued while a graph is captured."""

    def __init__(self, device: torch.device, fault: Callable[[str], None]) -> None:
        self.device = device
        self.lock = threading.RLock()
        self.fault = fault
        """Called with a program's name before each batch; tests use it to raise device errors."""
        self.cuda = device.type == "cuda"


class Lane:
    """One stream of a device, and the programs that run on it one after the other."""

    def __init__(
        self, timeline: Timeline, programs: Mapping[str, Program], largest: Sequence[Shape], slots: int
    ) -> None:
        """``largest`` are the shapes that bound each batch; ``slots`` is the maximum number of in-flight batches."""
        self._timeline = timeline
        self._programs = programs
        self._slots: queue.SimpleQueue[_Slot] = queue.SimpleQueue()
        self.usage: dict[str, Usage] = {name: Usage() for name in programs}
        self._usage_lock = threading.Lock()
        given = max(sum(one.size for one in programs[shape.program].inputs(shape)) for shape in largest)
        made = max(sum(one.size for one in programs[shape.program].outputs(shape)) for shape in largest)
        for _ in range(slots):
            self._slots.put(_Slot(given, made, pinned=timeline.cuda))
        if timeline.cuda:
            self._stream = torch.cuda.Stream(timeline.device)  # type: ignore[no-untyped-call]
            self._graphs = Graphs(torch.cuda.graph_pool_handle())
            self._static = torch.zeros(given, dtype=torch.uint8, device=timeline.device)

    def run(
        self,
        shape: Shape,
        items: int,
        fill: Callable[[Arrays], None],
        read: Callable[[Arrays, Tensors], R],
        before: Callable[[], None] = lambda: None,
    ) -> R:
        """Run a batch of ``items`` items, not counting padding.

        ``fill`` writes the inputs, which have arbitrary contents before; ``read`` takes the result
        from the outputs, which are overwritten later, and from clones of tensors that stay on the
        device. ``before`` runs on the stream ahead of the program.
        """
        program = self._programs[shape.program]
        slot = self._slots.get()
        try:
            given = slot.inputs(program.inputs(shape))
            fill(given)
            with self._timeline.lock:
                self._timeline.fault(shape.program)
                kept = self._issue(shape, program, slot, before)
            seconds = slot.wait()
            result = read(slot.outputs(program.outputs(shape)), kept)
        finally:
            self._slots.put(slot)
        self._count(shape.program, items, seconds)
        return result

    def capture(self, shape: Shape) -> None:
        """Capture the graph of a shape in advance, if there is none yet, so that no batch waits for it."""
        if not self._timeline.cuda or self._graphs.get(shape):
            return
        program = self._programs[shape.program]
        size = sum(given.size for given in program.inputs(shape))
        with self._timeline.lock, torch.no_grad(), torch.cuda.stream(self._stream):
            if not self._graphs.get(shape):
                # The inputs of the last batch may be invalid for this shape; zeros are valid.
                self._static[:size].zero_()
                self._graphs.compute(shape, program, views(self._static, program.inputs(shape)))

    def release(self) -> None:
        """Release the programs, their graphs, and the static input."""
        self._programs = {}
        if self._timeline.cuda:
            self._graphs.clear()
            self._static = torch.empty(0, dtype=torch.uint8)

    def _issue(self, shape: Shape, program: Program, slot: "_Slot", before: Callable[[], None]) -> Tensors:
        names = {output.name for output in program.outputs(shape)}
        with torch.no_grad():
            if not self._timeline.cuda:
                before()
                made = program.compute(shape, slot.tensors(program.inputs(shape)))
                slot.take(program.outputs(shape), made)
                return {name: value for name, value in made.items() if name not in names}
            with torch.cuda.stream(self._stream):
                slot.begin()
                self._static[: slot.size].copy_(slot.host[: slot.size], non_blocking=True)
                before()
                graph = self._graphs.get(shape)
                if graph is None:
                    made = self._graphs.compute(shape, program, views(self._static, program.inputs(shape)))
                else:
                    graph.graph.replay()
                    made = graph.made
                slot.take(program.outputs(shape), made)
                kept = {name: value.clone() for name, value in made.items() if name not in names}
                slot.end()
            return kept

    def _count(self, program: str, items: int, seconds: float) -> None:
        with self._usage_lock:
            usage = self.usage[program]
            usage.batches += 1
            usage.items += items
            usage.device_s += seconds
            usage.sizes[items] += 1


@dataclass(frozen=True, slots=True)
class Graph:
    """One captured CUDA graph and the tensors it writes."""

    graph: Any
    made: Tensors


Capture = Callable[[Program, Shape, Tensors, Any], Graph]


def release_cached() -> None:
    """Return to the device the memory that PyTorch's caching allocator holds and no tensor uses."""
    with _capturing:
        torch.cuda.empty_cache()


_capturing = threading.RLock()
"""PyTorch cannot release cached memory while any thread of the process captures a graph."""


def _capture(program: Program, shape: Shape, given: Tensors, pool: Any) -> Graph:
    graph = torch.cuda.CUDAGraph()
    # Other threads continue to use the device meanwhile: they query events and allocate memory.
    graph.capture_begin(pool=pool, capture_error_mode="thread_local")
    try:
        captured = program.compute(shape, given)
    finally:
        graph.capture_end()
    return Graph(graph, captured)


class Graphs:
    """The CUDA graphs of one lane, which share one memory pool. Used under the timeline's lock."""

    def __init__(self, pool: Any, capture: Capture = _capture, release: Callable[[], None] = release_cached) -> None:
        """Tests replace ``capture``, which captures a graph into ``pool``, and ``release``."""
        self._pool = pool
        self._capture = capture
        self._release = release
        self._graphs: dict[Shape, Graph] = {}
        self._tries: Counter[Shape] = Counter()

    def get(self, shape: Shape) -> Graph | None:
        """Return the captured graph of a shape, or ``None``."""
        return self._graphs.get(shape)

    def clear(self) -> None:
        """Drop all graphs."""
        self._graphs.clear()

    def compute(self, shape: Shape, program: Program, given: Tensors) -> Tensors:
        """Run a shape without a graph, which also warms it up, and then capture its graph.

        A failed capture, for example for lack of memory, is harmless: the shape runs without a
        graph, and later batches retry.
        """
        made = program.compute(shape, given)
        self._tries[shape] += 1
        if self._tries[shape] > MOST_TRIES:
            return made
        with _capturing:
            try:
                # cuDNN's workspace of the warm-up stays cached, where neither the graph's own pool nor another process
                # can use it, and PyTorch cannot release it during a capture. After a capture that CUDA invalidated it
                # cannot release anything, and says so here.
                self._release()
                self._graphs[shape] = self._capture(program, shape, given, self._pool)
            except RuntimeError as error:
                logger.warning("no CUDA graph of %s: %s", shape, error)
        return made


class _Slot:
    """Host buffers of one in-flight batch, and the events around it.

    Pinned buffers have their full size from the start: freeing one records an event on the streams
    that used it, which would break the capture of a graph on such a stream.
    """

    def __init__(self, given: int, made: int, *, pinned: bool) -> None:
        self._cuda = pinned
        self.host = torch.empty(given, dtype=torch.uint8, pin_memory=pinned)
        self._back = torch.empty(made, dtype=torch.uint8, pin_memory=pinned)
        self.size = 0
        if pinned:
            self._began, self._ended = _event(), _event()

    def inputs(self, fields: Sequence[Field]) -> Arrays:
        """Return the inputs to be filled."""
        self.size = sum(given.size for given in fields)
        return {name: tensor.numpy() for name, tensor in views(self.host, fields).items()}

    def tensors(self, fields: Sequence[Field]) -> Tensors:
        """Return the filled inputs as tensors on the CPU."""
        return views(self.host, fields)

    def begin(self) -> None:
        """Record on the current stream that the batch begins."""
        self._began.record()

    def end(self) -> None:
        """Record on the current stream that the batch ends."""
        self._ended.record()

    def take(self, fields: Sequence[Field], made: Tensors) -> None:
        """Copy the outputs to the host, on the current stream."""
        for name, view in views(self._back, fields).items():
            view.copy_(made[name], non_blocking=True)

    def outputs(self, fields: Sequence[Field]) -> Arrays:
        """Return the outputs that were copied."""
        return {name: tensor.numpy() for name, tensor in views(self._back, fields).items()}

    def wait(self) -> float:
        """Wait for the batch; return its seconds on the device."""
        if not self._cuda:
            return 0.0
        self._ended.synchronize()
        return float(self._began.elapsed_time(self._ended)) / 1000


def _event() -> torch.cuda.Event:
    # A thread that waits for a blocking event sleeps instead of spinning.
    return torch.cuda.Event(enable_timing=True, blocking=True)  # type: ignore[no-untyped-call]


def views(buffer: Tensor, fields: Sequence[Field]) -> dict[str, Tensor]:
    """Return the tensors that lie in a buffer of bytes, one after the other."""
    found, offset = {}, 0
    for name, dtype, dims in fields:
        end = offset + prod(dims) * dtype.itemsize
        found[name] = buffer[offset:end].view(dtype).view(dims)
        offset += Field(name, dtype, dims).size
    return found


@contextmanager
def tf32(allowed: bool) -> Iterator[None]:  # noqa: FBT001 - reads as the sentence it is
    """Enable or disable TF32 for convolutions that are run or captured inside; requires the timeline's lock."""
    before = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = allowed
    try:
        yield
    finally:
        torch.backends.cudnn.allow_tf32 = before
