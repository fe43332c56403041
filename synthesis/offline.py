"""Switches off what libraries do over the network by themselves; imported before any of them is.

ONNX Runtime 1.32 has telemetry on by default: it looks up a host of its vendor when it is imported, and keeps a device
id and a queue in the user's cache folder. It reads the variable at its import alone: ``disable_telemetry_events()``
comes too late. The Hugging Face libraries, which TTS imports, download what they are asked for by name unless they are
told to work offline.
"""

import os
from typing import Final

VARIABLES: Final = {"ORT_DISABLE_TELEMETRY": "1", "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
"""Set whatever the environment says; child processes inherit them."""

os.environ.update(VARIABLES)
