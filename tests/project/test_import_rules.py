"""Checks the imports of a running server. import-linter checks the source: its contracts are in pyproject.toml."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_server_loads_no_torch(tmp_path: Path) -> None:
    code = (
        "import django; django.setup()\n"
        "import project.asgi, synthesis.engines.onnx, synthesis.voices.installer, project.management.commands.serve\n"
        "import sys; print(sorted({'torch', 'TTS', 'onnx', 'transformers', 'scipy'} & set(sys.modules)))"
    )
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "project.settings"}
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_english_loads_no_icu() -> None:
    code = (
        "from synthesis.text.normalizer import normalize\n"
        "import sys; normalize('It costs $5 on May 3.', 'en-US'); print('icu' in sys.modules)\n"
        "normalize('Am 3. Mai.', 'de-DE'); print('icu' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["False", "True"]
