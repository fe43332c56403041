"""``python -m benchmarks.gpu.serve COUNTERS``: run the server and write its counters to a file every second.

With ``KIT_DEVICE=cpu`` the GPU engine runs on the processor, so that it can be tested in the server without a GPU.
"""

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

EVERY_S = 1.0


def main() -> None:
    """Serve until stopped."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    if os.environ.get("KIT_DEVICE") == "cpu":
        from synthesis.engines.coqui.cuda import CudaEngine

        defaults: dict[str, Any] = CudaEngine.__init__.__kwdefaults__ or {}
        defaults["device"] = "cpu"
    threading.Thread(target=_count, args=(Path(sys.argv[1]),), daemon=True).start()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", "serve"])


def _count(file: Path) -> None:
    while True:
        time.sleep(EVERY_S)
        # A string, not an import: Django may not be set up yet.
        runtime = sys.modules.get("synthesis.runtime")
        current = getattr(runtime, "_current", None)
        if current is None:
            continue
        voices = [task.result() for _, task in list(current.voices._loads.values()) if task.done()]
        engines = [voice.batching.stats() for voice in voices if voice.batching]
        draft = file.with_suffix(".part")
        draft.write_text(json.dumps({"pool": current.pool.stats(), "engines": engines}))
        draft.replace(file)


if __name__ == "__main__":
    main()
