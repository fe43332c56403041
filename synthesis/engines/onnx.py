"""The CPU engine: compiled graphs in ONNX Runtime. Imports neither torch nor TTS."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as failures

from core.process.malloc import trim_heap
from synthesis.engines.vits import Context, EncoderOutput, VitsEngine, VitsLatents
from synthesis.errors import VoiceError
from synthesis.voice_files.manifest import DECODER_FILE, ENCODER_FILE, FLOW_FILE, VoiceManifest

_ARENA = {
    "max_mem": 0,
    "arena_extend_strategy": 0,
    "initial_chunk_size_bytes": 1 << 20,
    "max_dead_bytes_per_chunk": 1 << 20,
}
_UNREADABLE = (
    failures.Fail,
    failures.InvalidArgument,
    failures.InvalidGraph,
    failures.InvalidProtobuf,
    failures.NoSuchFile,
    failures.NotImplemented,
)


class Graph(Protocol):
    """A graph with one output. Thread-safe."""

    def __call__(self, feeds: dict[str, Any], run: Any) -> NDArray[np.float32]:
        """Return the output for the inputs by name. ``run`` are the run options of the segment."""


class OnnxGraph:
    """A graph in ONNX Runtime. Raises ``VoiceError`` ``voice_invalid`` if the file is missing or damaged."""

    def __init__(self, path: Path, threads: int) -> None:
        self._session = _session(path, threads)

    def __call__(self, feeds: dict[str, Any], run: Any) -> NDArray[np.float32]:
        """See ``Graph``. Raises an error of ONNX Runtime after ``run.terminate``."""
        output: NDArray[np.float32] = self._session.run(None, feeds, run)[0]
        return output


class OnnxEngine(VitsEngine):
    """The compiled voice in ``folder``. Thread-safe.

    ``threads`` applies to the encoder and the flow, which the next windows wait for; windows are
    decoded in parallel. ``open_graph`` opens the graphs of flow and decoder with a number of threads, by default in
    ONNX Runtime. ``noise=False`` disables the voice's noise, for comparisons. Raises ``VoiceError`` ``voice_invalid``
    if a graph is missing or damaged.
    """

    def __init__(
        self,
        folder: Path,
        manifest: VoiceManifest,
        *,
        threads: int = 1,
        noise: bool = True,
        open_graph: Callable[[Path, int], Graph] | None = None,
    ) -> None:
        super().__init__(manifest, noise=noise)
        opened = open_graph or OnnxGraph
        self._encoder = _session(folder / ENCODER_FILE, threads)
        self._flow_graph = opened(folder / FLOW_FILE, threads)
        self._decoder_graph = opened(folder / DECODER_FILE, 1)
        self._encoder_inputs = {given.name for given in self._encoder.get_inputs()}
        # Loading and optimizing the graphs frees as much memory as the graphs occupy.
        trim_heap()

    def _encode(
        self, ids: NDArray[np.int64], length_scale: float, noise: NDArray[np.float32], speaker: int
    ) -> EncoderOutput:
        feeds = {
            "ids": ids[np.newaxis],
            "length_scale": np.array([length_scale], np.float32),
            "noise": noise,
            "speaker": np.array([speaker], np.int64),
        }
        wanted = {name: feeds[name] for name in feeds if name in self._encoder_inputs}
        means, scales, frames, *condition = self._encoder.run(None, wanted)
        return EncoderOutput(means, scales, frames, condition[0] if condition else None, _run_options())

    def _flow(self, frames: NDArray[np.float32], context: Context, latents: VitsLatents) -> NDArray[np.float32]:
        return self._flow_graph(_feeds(frames, context, latents), latents.run)[0, :, 0]

    def _decode(self, frames: NDArray[np.float32], context: Context, latents: VitsLatents) -> NDArray[np.float32]:
        return self._decoder_graph(_feeds(frames, context, latents), latents.run)


def _session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    try:
        return onnxruntime.InferenceSession(path, session_options(threads), providers=["CPUExecutionProvider"])
    except _UNREADABLE as error:
        message = f"The voice's {path.name} is missing or damaged. Install it again."
        raise VoiceError("voice_invalid", message) from error


@cache
def _share_arena() -> None:
    """Share one memory arena among all sessions of the process: it grows to the workers' concurrent peak, and stays.

    One arena per session takes three times that; without an arena, malloc's heap fragments between
    the windows' tensors and longer-lived objects (35 MB more, with two workers).
    """
    place = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    onnxruntime.create_and_register_allocator(place, onnxruntime.OrtArenaCfg(dict(_ARENA)))


def session_options(threads: int) -> onnxruntime.SessionOptions:
    """Return session options that keep the memory bounded."""
    _share_arena()
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.use_env_allocators", "1")
    # ONNX Runtime caches a memory pattern per input shape, and a sentence's shape seldom repeats.
    options.enable_mem_pattern = False
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    # A spinning thread would take CPU time from another listener's window.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _run_options() -> onnxruntime.RunOptions:
    """Return run options for one segment, whose ``terminate`` flag stops all of its runs."""
    options = onnxruntime.RunOptions()
    # Do not log terminated runs to the console; other errors are still raised.
    options.log_severity_level = 4
    return options


def _feeds(frames: NDArray[np.float32], context: Context, latents: VitsLatents) -> dict[str, Any]:
    """Return the graphs' inputs in planar layout: time is the last of four axes."""
    feeds = {"latents": frames[np.newaxis, :, np.newaxis], "context": np.array(context, np.int64)}
    return feeds if latents.condition is None else feeds | {"condition": latents.condition[:, :, np.newaxis]}
