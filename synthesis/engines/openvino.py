"""Runs flow and decoder of a compiled voice in OpenVINO, in bfloat16 if the processor computes it natively.

Decision 0015 has the measurements. The encoder stays in ONNX Runtime: it decides the durations, and takes a tenth of
the time.
"""

import threading
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthesis.errors import VoiceError

_NATIVE_FLAGS = {"avx512_bf16", "amx_bf16"}
"""Flags of /proc/cpuinfo for processors with bfloat16 instructions (Linux, Documentation/arch/x86/cpuinfo.rst)."""

SHAPES_KEPT = 64
"""Kernels that are kept for later windows of the same shape. Each takes memory, and OpenVINO's default is 5,000."""


@cache
def is_worthwhile(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Return whether OpenVINO is installed and the processor has bfloat16 instructions."""
    if find_spec("openvino") is None:
        return False
    try:
        lines = cpuinfo.read_text().splitlines()
    except OSError:
        return False
    flags = next((line for line in lines if line.startswith("flags")), "")
    return not _NATIVE_FLAGS.isdisjoint(flags.split())


class OpenVinoGraph:
    """The graph at ``path``. Thread-safe: up to ``workers`` threads compute at once, on one core each.

    ``exact`` computes in float32 on every processor. Raises ``VoiceError`` ``engine_missing`` if OpenVINO is not
    installed, or ``voice_invalid`` if the file is missing or damaged.
    """

    def __init__(self, path: Path, workers: int, *, exact: bool = False) -> None:
        core = _core()
        is_native = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        options = {
            "INFERENCE_PRECISION_HINT": "bf16" if is_native and not exact else "f32",
            "INFERENCE_NUM_THREADS": workers,
            "NUM_STREAMS": workers,
            # The process may be restricted to some cores; OpenVINO would pin its threads to the first ones.
            "ENABLE_CPU_PINNING": False,
            "CPU_RUNTIME_CACHE_CAPACITY": SHAPES_KEPT,
        }
        try:
            self._model = core.compile_model(str(path), "CPU", options)
        except RuntimeError as error:
            message = f"The voice's {path.name} is missing or damaged. Install it again."
            raise VoiceError("voice_invalid", message) from error
        self._requests = threading.local()

    def __call__(self, feeds: dict[str, Any], run: Any) -> NDArray[np.float32]:
        """See ``Graph``. OpenVINO cannot interrupt a running window, so ``run`` has no effect."""
        request = getattr(self._requests, "value", None)
        if request is None:
            request = self._requests.value = self._model.create_infer_request()
        request.infer(feeds)
        output: NDArray[np.float32] = request.get_output_tensor(0).data.copy()
        return output


def _core() -> Any:
    """Return OpenVINO's entry point. Imported lazily: the default engine must not pay for its memory."""
    try:
        from openvino import Core
    except ImportError as error:
        message = "SYNTHESIS_ENGINE=openvino needs the package: pip install '.[openvino]'."
        raise VoiceError("engine_missing", message) from error
    return Core()
