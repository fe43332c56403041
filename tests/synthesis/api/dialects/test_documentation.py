"""Runs every example of docs/dialects.md against the real server."""

import io
import json
import os
import re
import subprocess
import sys
import wave
from pathlib import Path

import pytest
import soundfile
import yaml
from speak2mary import MaryTTS

from tests.e2e.server import ROOT, Server

pytestmark = pytest.mark.voice

PAGE = (ROOT / "docs" / "dialects.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
ADDRESS = "127.0.0.1:8000"


@pytest.mark.parametrize(("kind", "example"), [one for one in EXAMPLES if one[0] in ("sh", "python")])
def test_examples_run(server: Server, token: str, tmp_path: Path, kind: str, example: str) -> None:
    code = example.replace(ADDRESS, f"127.0.0.1:{server.port}")
    command = [sys.executable, "-c", code] if kind == "python" else ["bash", "-ec", code.replace("curl ", "curl -sS ")]
    environment = {**os.environ, "ALPHANUMERIC_TOKEN": token, "NO_PROXY": "*"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    files = list(tmp_path.iterdir())
    assert len(files) == example.count(" -o ") + example.count("save(")
    assert all(0.3 < soundfile.info(file).duration < 5 for file in files)
    if "voices" in example:
        assert "joe" in done.stdout


@pytest.mark.parametrize("example", [text for kind, text in EXAMPLES if kind == "yaml"])
def test_the_configuration_of_home_assistant(server: Server, example: str) -> None:
    """Use the client of Home Assistant's integration, unchanged, as the integration does."""
    (own,) = yaml.safe_load(example)["tts"]
    assert f"{own['host']}:{own['port']}" == ADDRESS
    client = MaryTTS(own["host"], server.port, own["codec"], own["language"], own["voice"])
    with wave.open(io.BytesIO(client.speak("Grüße, alice."))) as file:
        usual_s = file.getnframes() / file.getframerate()
    with wave.open(io.BytesIO(client.speak("Grüße, alice.", {"Rate": "durScale:1.5;"}))) as file:
        assert file.getnframes() / file.getframerate() > 1.2 * usual_s


@pytest.mark.parametrize("example", [text for kind, text in EXAMPLES if kind == "json"])
def test_json_examples_are_json(example: str) -> None:
    assert isinstance(json.loads(example), dict)


def test_every_example_is_checked() -> None:
    assert {kind for kind, _ in EXAMPLES} == {"sh", "python", "yaml", "json"}
    assert len(EXAMPLES) > 5
