"""Runs every example of docs/api.md against the real server."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile

from project.api_reference.reference import groups
from tests.e2e.server import ROOT, Server
from tests.synthesis.api.real_server import new_token, serving

pytestmark = pytest.mark.voice

PAGE = (ROOT / "docs" / "api.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def server(joe_voice_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(joe_voice_dir, tmp_path_factory.mktemp("documentation")) as served:
        yield served


@pytest.fixture(scope="module")
def token(server: Server) -> str:
    return new_token(server)


@pytest.mark.parametrize("example", [text for kind, text in EXAMPLES if kind in ("sh", "python")])
def test_examples_run(server: Server, token: str, tmp_path: Path, example: str) -> None:
    address = server.url.removeprefix("http://")
    code = example.replace("127.0.0.1:8000/", address)
    is_python = "import" in code
    command = [sys.executable, "-c", code] if is_python else ["bash", "-ec", code.replace("curl ", "curl -sS ")]
    environment = {**os.environ, "ALPHANUMERIC_TOKEN": token, "NO_PROXY": "*"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not done.stdout.startswith('{"error"')
    for file in tmp_path.iterdir():
        if file.suffix in (".mp3", ".opus", ".wav"):
            assert 0.3 < soundfile.info(file).duration < 5
        elif file.suffix == ".pcm":
            assert file.stat().st_size > 48_000
        elif file.suffix == ".vtt":
            assert file.read_text().startswith("WEBVTT")
    if '"sse"' in code:
        events = [json.loads(line.removeprefix("data: ")) for line in done.stdout.splitlines() if line]
        assert events[-1]["type"] == "speech.audio.done"


def test_the_examples_of_the_reference_run(server: Server, token: str, tmp_path: Path) -> None:
    entries = [entry for group in groups() for entry in group.entries if entry.example]
    # Files and ids are the reader's, and presets cannot be deleted.
    runnable = [
        entry for entry in entries if not re.search(r"@FILE|/ID'|/themes/.*-X DELETE", entry.example, re.DOTALL)
    ]
    assert len(runnable) > len(entries) - 6
    script = [f"curl -sS --fail-with-body '{server.url.rstrip('/')}{entry.example}" for entry in runnable]
    text = " > body || { cat body >&2; exit 1; }\n".join([*script, "true"]).replace("TOKEN", token)
    command = ["bash", "-ec", text]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert soundfile.info(tmp_path / "hello.mp3").duration > 0.3


@pytest.mark.parametrize("example", [text for kind, text in EXAMPLES if kind == "json"])
def test_json_examples_are_json(example: str) -> None:
    assert isinstance(json.loads(example), dict)


def test_every_example_is_checked() -> None:
    assert {kind for kind, _ in EXAMPLES} == {"sh", "python", "json"}
    assert len(EXAMPLES) > 8
