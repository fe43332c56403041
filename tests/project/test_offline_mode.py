"""No process of the project resolves host names or connects to other hosts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from synthesis.offline_mode import VARIABLES
from tests.e2e.server import copy_installation
from tests.outgoing import ROOT, outgoing, why_not
from tests.synthesis.voices.piper_voices import VoiceShape, make_voice

FIRST_LOOK_UP_S = 9
"""Seconds after its import when ONNX Runtime 1.32 resolves its vendor's host."""
MANAGE = (sys.executable, str(ROOT / "manage.py"))

pytestmark = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))


def assert_sends_nothing(tmp_path: Path, *command: str, data_dir: Path) -> None:
    """Assert that the command succeeds, sends nothing, and writes no telemetry files."""
    home = tmp_path / "home"
    home.mkdir()
    environment = {"DATA_DIR": str(data_dir), "DJANGO_SETTINGS_MODULE": "project.settings"}
    # Also if the operator's environment enables telemetry.
    status, sent, told = outgoing(command, home, **environment, **dict.fromkeys(VARIABLES, "0"))
    assert status == 0, told
    assert sent == []
    assert [str(path) for path in home.rglob("*") if "icrosoft" in str(path) or "onnxruntime" in str(path)] == []


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ("socket.getaddrinfo('alice.example', 80)", "port 53"),
        ("socket.create_connection(('192.0.2.7', 443))", "192.0.2.7 protocol 6 port 443"),
        ("socket.create_connection(('2001:db8::7', 443))", "2001:db8::7 protocol 6 port 443"),
        ("socket.socket(type=socket.SOCK_DGRAM).sendto(b'a', ('192.0.2.7', 9))", "192.0.2.7 protocol 17 port 9"),
    ],
)
def test_outgoing_traffic_is_detected(tmp_path: Path, code: str, seen: str) -> None:
    _, sent, _ = outgoing([sys.executable, "-c", f"import socket; {code}"], tmp_path)
    assert any(seen in line for line in sent), sent


def test_local_traffic_is_allowed(tmp_path: Path) -> None:
    code = "import socket; here = socket.create_server(('127.0.0.1', 0)); socket.create_connection(here.getsockname())"
    assert outgoing([sys.executable, "-c", code], tmp_path)[:2] == (0, [])


def test_onnx_runtime_sends_telemetry_by_default(tmp_path: Path) -> None:
    """If this fails, the telemetry was removed or starts later: adapt ``FIRST_LOOK_UP_S``, or delete this test."""
    code = f"import onnxruntime, threading; threading.Event().wait({FIRST_LOOK_UP_S + 6})"
    _, sent, _ = outgoing([sys.executable, "-c", code], tmp_path, **dict.fromkeys(VARIABLES, "0"))
    assert any("microsoft" in line for line in sent), sent


@pytest.mark.voice
def test_the_server_sends_nothing(tmp_path: Path, joe_voice_dir: Path) -> None:
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    copy_installation(data_dir, joe_voice_dir)
    served = ("-m", "tests.project.speaking_server", str(data_dir), str(FIRST_LOOK_UP_S + 6))
    assert_sends_nothing(tmp_path, sys.executable, *served, data_dir=data_dir)


@pytest.mark.voice
@pytest.mark.parametrize("engine", ["auto", "openvino"])
def test_the_commands_send_nothing(
    tmp_path: Path, joe_voice_dir: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTHESIS_ENGINE", engine)
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    copy_installation(data_dir, joe_voice_dir)
    assert_sends_nothing(tmp_path, *MANAGE, "say", "Hello, bob.", "-o", str(tmp_path / "bob.wav"), data_dir=data_dir)
    assert (tmp_path / "bob.wav").stat().st_size > 10_000


def test_adding_a_voice_sends_nothing(tmp_path: Path) -> None:
    voice = make_voice(tmp_path, VoiceShape(stochastic=False))
    environment = {**os.environ, "DATA_DIR": str(tmp_path / "data"), "DJANGO_SETTINGS_MODULE": "project.settings"}
    subprocess.run([*MANAGE, "migrate", "--verbosity", "0"], env=environment, check=True)
    add = ("voice", "add", str(voice.onnx), "--config", str(voice.json), "--id", "alice", "--license", "CC0-1.0")
    assert_sends_nothing(tmp_path, *MANAGE, *add, data_dir=tmp_path / "data")
