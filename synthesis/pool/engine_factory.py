"""Opens a compiled voice with the configured engine."""

from pathlib import Path

from django.conf import settings

from core.cpu import cores
from synthesis.errors import VoiceError
from synthesis.pool.voice_cache import LoadedVoice
from synthesis.runtime import _cuda_engine, logger
from synthesis.voice_files.manifest import VoiceManifest


def load_voice(folder: Path) -> LoadedVoice:
    """Open the compiled voice in ``folder`` with the configured engine."""
    manifest = VoiceManifest.read(folder)
    if engine_name() == "coqui":
        # Imported here alone: torch costs 200 MB, which the CPU path must not pay.
        from synthesis.engines.coqui.engine import CoquiEngine

        return LoadedVoice(manifest, CoquiEngine(folder, manifest))
    if engine_name() == "cuda":
        try:
            return LoadedVoice(manifest, _cuda_engine(folder, manifest))
        except VoiceError as error:
            if settings.SYNTHESIS_ENGINE != "auto" or not error.code.startswith("gpu_"):
                raise
            logger.warning("the processor speaks instead: %s", error.message)
    from synthesis.engines.onnx import OnnxEngine

    return LoadedVoice(manifest, OnnxEngine(folder, manifest, threads=settings.SYNTHESIS_THREADS or cores()))


def engine_name() -> str:
    """Return the engine to use: ``onnx`` or ``coqui``."""
    if settings.SYNTHESIS_ENGINE != "auto":
        return str(settings.SYNTHESIS_ENGINE)
    return "cuda" if Path("/dev/nvidiactl").exists() else "onnx"
