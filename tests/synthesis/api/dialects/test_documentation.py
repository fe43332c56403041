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


@pytest.mark.parametrize(
    ("kind", "example"), [one for one in EXAMPLES if one[0] in ("sh", "python") and "wyoming" not in one[1]]
)
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


def test_the_commands_and_the_client_of_wyoming(server: Server, token: str, tmp_path: Path) -> None:
    """Start the server with each command of the page, for the account of the token, and run the page's client."""
    (client,) = (text for kind, text in EXAMPLES if kind == "python" and "wyoming" in text)
    environment = {
        **os.environ,
        "DATA_DIR": str(server.data_dir),
        "DJANGO_SETTINGS_MODULE": "project.settings",
        "PYTHONPATH": str(ROOT),
    }
    for example in (text for kind, text in EXAMPLES if kind == "console"):
        _, *words = example.split()
        # Any free port: one in the page may be in use.
        words = [word.replace("10200", "0") for word in words]
        words += [] if "--uri" in words else ["--uri", "tcp://127.0.0.1:0"]
        command = [sys.executable, *words]
        with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                port = process.stdout.readline().split()[4].rpartition(":")[2]
                code = client.replace("127.0.0.1:10200", f"127.0.0.1:{port}")
                subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, timeout=300)
            finally:
                process.terminate()
        assert 0.3 < soundfile.info(tmp_path / "wyoming.wav").duration < 5


@pytest.mark.parametrize("example", [text for kind, text in EXAMPLES if kind == "json"])
def test_json_examples_are_json(example: str) -> None:
    assert isinstance(json.loads(example), dict)


def test_every_example_is_checked() -> None:
    assert {kind for kind, _ in EXAMPLES} == {"sh", "python", "yaml", "json", "console"}
    assert len(EXAMPLES) > 5
