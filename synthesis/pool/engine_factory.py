"""Selects the configured engine and opens compiled voices with it."""

import logging
import threading
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from core.process.cpu import cores
from synthesis.engines.base import Engine
from synthesis.engines.openvino import OpenVinoGraph, is_worthwhile
from synthesis.errors import VoiceError
from synthesis.pool.voice_cache import LoadedVoice
from synthesis.voice_files.manifest import VoiceManifest

OPENVINO_MEMORY_MB = 800
"""``MEMORY_LIMIT_MB`` from which ``auto`` selects OpenVINO, which needs more memory than ONNX Runtime."""

logger = logging.getLogger(__name__)

_processes = 1


def share_gpu(processes: int) -> None:
    """Set how many serving processes load voices on the same GPU: each takes at most its share of the memory."""
    global _processes
    _processes = processes


def load_voice(folder: Path) -> LoadedVoice:
    """Open the compiled voice in ``folder`` with the configured engine."""
    manifest = VoiceManifest.read(folder)
    if engine_name() == "coqui":
        # Imported lazily: torch costs 200 MB, which the CPU path must not pay.
        from synthesis.engines.coqui.engine import CoquiEngine

        return LoadedVoice(manifest, CoquiEngine(folder, manifest))
    if engine_name() == "cuda":
        try:
            return LoadedVoice(manifest, _cuda_engine(folder, manifest))
        except VoiceError as error:
            if settings.SYNTHESIS_ENGINE != "auto" or not error.code.startswith("gpu_"):
                raise
            logger.warning("using the CPU engine: %s", error.message)
    from synthesis.engines.onnx import OnnxEngine

    threads = settings.SYNTHESIS_THREADS or cores()
    if engine_name() == "openvino":
        workers = settings.SYNTHESIS_WORKERS or cores()
        return LoadedVoice(
            manifest,
            OnnxEngine(
                folder, manifest, threads=threads, open_graph=lambda path, _threads: OpenVinoGraph(path, workers)
            ),
        )
    return LoadedVoice(manifest, OnnxEngine(folder, manifest, threads=threads))


def engine_name() -> str:
    """Return the engine to use: ``onnx``, ``openvino``, ``cuda`` or ``coqui``."""
    if settings.SYNTHESIS_ENGINE != "auto":
        return str(settings.SYNTHESIS_ENGINE)
    if Path("/dev/nvidiactl").exists():
        return "cuda"
    return "openvino" if settings.MEMORY_LIMIT_MB >= OPENVINO_MEMORY_MB and is_worthwhile() else "onnx"


def preload() -> None:
    """Import the engine's packages in a background thread: importing torch takes seconds, during
    which the server starts.
    """
    if engine_name() == "cuda":
        threading.Thread(target=_preload_cuda, name="preload", daemon=True).start()


def _preload_cuda() -> None:
    import torch

    import synthesis.engines.coqui.cuda  # noqa: F401

    # load_voice reports an unusable GPU.
    with suppress(RuntimeError):
        if torch.cuda.is_available():
            torch.zeros(1, device="cuda")


def _cuda_engine(folder: Path, manifest: VoiceManifest) -> Engine:
    # Imported lazily: see load_voice.
    from synthesis.engines.coqui.cuda import CudaEngine
    from synthesis.engines.coqui.programs import Options

    options = Options(precision=settings.SYNTHESIS_GPU_PRECISION)
    memory_mb = settings.SYNTHESIS_GPU_MEMORY_MB
    engine = CudaEngine(folder, manifest, options=options, memory_mb=memory_mb, processes=_processes)
    threading.Thread(target=engine.capture_all, name="cuda-graphs", daemon=True).start()
    return engine
