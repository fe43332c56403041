"""Disables network access of libraries; must be imported before any of them.

ONNX Runtime 1.32 has telemetry on by default: at import it resolves a host of its vendor and stores
a device id and a queue in the user's cache directory. It reads the environment variable only at
import, so ``disable_telemetry_events()`` comes too late. The Hugging Face libraries, which TTS
imports, download models by name unless offline mode is set. OpenVINO reports its import to Google Analytics through
the package ``openvino_telemetry``, and does without if that cannot be imported.
"""

import os
import sys
from typing import Final

VARIABLES: Final = {"ORT_DISABLE_TELEMETRY": "1", "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
"""Set regardless of the environment; child processes inherit them."""

os.environ.update(VARIABLES)
# Python raises ImportError for a module that is None here.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
