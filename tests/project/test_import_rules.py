"""The rooms of the house: who may import whom, and what the serving path must not load."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAY_IMPORT = {
    "core": set(),
    "synthesis": {"core"},
    "themes": {"core"},
    "terminal": {"core", "synthesis", "themes"},
    "accounts": {"core", "themes"},
    "project": {"core", "terminal", "synthesis", "themes", "accounts"},
}
# terminal's server command starts the application that project composes.
EXCEPTIONS = {("core/memory_guard.py", "synthesis"), ("project/management/commands/serve.py", "project")}
PURE = (
    "synthesis/text/normalization",
    "synthesis/text/segmentation.py",
    "synthesis/pipeline/windows.py",
    "synthesis/pipeline/word_timings.py",
    "synthesis/audio/wav.py",
    "synthesis/limits/policy.py",
    "terminal/socket/protocol.py",
)
IMPURE = {"django", "channels", "torch", "onnxruntime", "TTS"}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module


def tops(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(path)}


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_go_one_way(package: str) -> None:
    for path in (ROOT / package).rglob("*.py"):
        strangers = tops(path) & (set(MAY_IMPORT) - MAY_IMPORT[package] - {package})
        name = path.relative_to(ROOT).as_posix()
        assert {stranger for stranger in strangers if (name, stranger) not in EXCEPTIONS} == set(), name


@pytest.mark.parametrize("name", PURE)
def test_pure_modules_stay_pure(name: str) -> None:
    place = ROOT / name
    for path in [place] if place.is_file() else place.rglob("*.py"):
        assert tops(path) & IMPURE == set(), path


def test_only_voices_and_the_torch_engine_know_torch() -> None:
    knowing = {
        path.relative_to(ROOT).as_posix()
        for package in MAY_IMPORT
        for path in (ROOT / package).rglob("*.py")
        if tops(path) & {"torch", "TTS"}
    }
    assert all(
        name.startswith(("synthesis/voices/", "synthesis/voice_files/", "synthesis/engines/coqui/")) for name in knowing
    )


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
