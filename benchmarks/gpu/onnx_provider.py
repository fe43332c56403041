"""Measures the decoder's compiled graph in ONNX Runtime with its CUDA provider, beside the GPU engine.

The graph is the one that the CPU engine runs, with a free batch dimension. Its latents are on the device, as the GPU
engine's are, and its samples come back as float32: the gain, the limiter and the conversion to PCM16 are not included.
"""

import time
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from benchmarks.gpu.record import Record, SkipError
from synthesis.voice_files.manifest import DECODER_FILE, VoiceManifest

PROVIDER = {"cuda": "CUDAExecutionProvider", "cpu": "CPUExecutionProvider"}
NEEDS_S = 25.0
"""Seconds for all measurements of one precision."""


class Sizes(Protocol):
    """The extent of the measurement: see ``benchmarks.gpu.engine.Sizes``."""

    @property
    def batches(self) -> tuple[int, ...]: ...
    @property
    def frames(self) -> tuple[int, ...]: ...
    @property
    def seconds(self) -> float: ...


def measure_onnx(record: Record, folder: Path, manifest: VoiceManifest, device: str, sizes: Sizes) -> None:
    """Measure the decoder by window and batch, in fp32 and, on a GPU, in TF32.

    Raises ``SkipError`` if ONNX Runtime has no provider for ``device``, or cannot load it.
    """
    available = onnxruntime.get_available_providers()
    if PROVIDER[device] not in available:
        raise SkipError(f"ONNX Runtime {onnxruntime.__version__} here has only {', '.join(available)}")
    graph = _batched(folder / DECODER_FILE)
    for precision in ("fp32", "tf32") if device == "cuda" else ("fp32",):
        if not record.enough(f"ONNX Runtime {precision}", NEEDS_S):
            return
        decoder = _Decoder(graph, manifest, device, precision)
        for frames in sizes.frames:
            for batch in sizes.batches:
                seconds = decoder.measure(frames, batch, sizes.seconds)
                audio_s = batch * frames * manifest.hop_length / manifest.sample_rate
                figures = {"batch_ms": seconds * 1000, "real_time": audio_s / seconds}
                record.add("decoder in ONNX Runtime", precision=precision, frames=frames, batch=batch, **figures)
        record.add(
            "ONNX Runtime", provider=decoder.provider, precision=precision, worst=decoder.worst(sizes.batches[-1])
        )


def _batched(file: Path) -> bytes:
    """Return the graph with a free first dimension of its latents; its samples are those of all items in a row."""
    model = onnx.load(file)
    for given in model.graph.input:
        if given.name == "latents":
            given.type.tensor_type.shape.dim[0].dim_param = "batch"
    del model.graph.value_info[:]
    return bytes(model.SerializeToString())


class _Decoder:
    def __init__(self, graph: bytes, manifest: VoiceManifest, device: str, precision: str) -> None:
        self._device = device
        self._channels = manifest.latent_channels
        self._context = manifest.decoder_context
        options: dict[str, Any] = {}
        if device == "cuda":
            if hasattr(onnxruntime, "preload_dlls"):
                # It finds the libraries of CUDA that torch brought.
                onnxruntime.preload_dlls()
            options = {"use_tf32": str(int(precision == "tf32")), "cudnn_conv_algo_search": "EXHAUSTIVE"}
        self._session = onnxruntime.InferenceSession(graph, providers=[(PROVIDER[device], options)])
        self.provider = self._session.get_providers()[0]
        if self.provider != PROVIDER[device]:
            # It falls back silently if a library is missing.
            raise SkipError(f"ONNX Runtime could not load {PROVIDER[device]} and would use {self.provider}")
        self._reference = onnxruntime.InferenceSession(graph, providers=[PROVIDER["cpu"]])

    def measure(self, frames: int, batch: int, seconds: float) -> float:
        """Return the seconds of one batch, from latents on the device to samples on the host."""
        feeds = self._feeds(frames, batch)
        binding = self._session.io_binding()
        for name, value in feeds.items():
            # The context is read on the host, where the shapes are computed.
            place = self._device if name == "latents" else "cpu"
            binding.bind_ortvalue_input(name, onnxruntime.OrtValue.ortvalue_from_numpy(value, place, 0))
        binding.bind_output("samples", "cpu")
        # The first run chooses cuDNN's algorithms for the shape.
        for _ in range(2):
            self._session.run_with_iobinding(binding)
        count, began = 0, time.perf_counter()
        while time.perf_counter() - began < seconds:
            self._session.run_with_iobinding(binding)
            count += 1
        return (time.perf_counter() - began) / count

    def worst(self, batch: int) -> float:
        """Return the largest difference of a sample of a batch from the items one by one on the processor."""
        feeds = self._feeds(16, batch)
        [made] = self._session.run(None, feeds)
        alone = [self._reference.run(None, feeds | {"latents": item[np.newaxis]})[0] for item in feeds["latents"]]
        return float(np.abs(made - np.concatenate(alone)).max())

    def _feeds(self, frames: int, batch: int) -> dict[str, NDArray[Any]]:
        shape = (batch, self._channels, 1, frames + 2 * self._context)
        latents = np.random.default_rng(frames * batch).standard_normal(shape, np.float32)
        return {"latents": latents, "context": np.array([self._context, self._context], np.int64)}
