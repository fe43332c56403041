"""The configuration for Speech Dispatcher, with Debian's speech-dispatcher and spd-say where they are installed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from alphanumeric_client.errors import ClientError
from alphanumeric_client.speech_dispatcher import rate_to_speed, write
from tests.client.conftest import Alice, run
from tests.e2e.waits import until
from tests.programs import find_program

PACKAGE = "speech-dispatcher"
JOE = {"id": "joe", "language": "en-US"}


def test_rates_are_speeds() -> None:
    assert [rate_to_speed(rate) for rate in (-100, -50, 0, 50, 100, 999)] == [0.33, 0.58, 1, 1.73, 3, 3]


def test_an_existing_configuration_is_kept(tmp_path: Path) -> None:
    main = tmp_path / "speechd.conf"
    main_before = 'LogLevel 5\nAddModule "espeak-ng" "sd_espeak-ng" "espeak-ng.conf"\nDefaultModule espeak-ng'
    main.write_text(main_before)
    for _ in range(2):
        module, written = write(tmp_path, "/usr/bin/alphanumeric", [JOE])
    assert written == main
    lines = main.read_text().splitlines()
    assert lines[:3] == main_before.splitlines()
    assert lines[3:] == [f'AddModule "alphanumeric" "sd_generic" "{module}"']


def test_the_first_configuration_makes_it_the_default(tmp_path: Path) -> None:
    write(tmp_path, "/usr/bin/alphanumeric", [JOE], system=tmp_path / "missing")
    assert (tmp_path / "speechd.conf").read_text().endswith("\nDefaultModule alphanumeric\n")


def test_a_relative_folder_is_written_as_an_absolute_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(Path("speech-dispatcher"), "/usr/bin/alphanumeric", [JOE], system=tmp_path / "missing")
    module = tmp_path / "speech-dispatcher" / "modules" / "alphanumeric.conf"
    assert f'"sd_generic" "{module}"' in (tmp_path / "speech-dispatcher" / "speechd.conf").read_text()


def test_names_that_cannot_be_quoted(tmp_path: Path) -> None:
    module, _ = write(tmp_path, "/usr/bin/alphanumeric", [{"id": 'x"; rm', "language": "en"}, JOE])
    assert "rm" not in module.read_text()
    with pytest.raises(ClientError):
        write(tmp_path, "/home/$USER/alphanumeric", [JOE])


@pytest.fixture
def daemon(shell: Alice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Start Speech Dispatcher with the written configuration, and return the environment of its clients."""
    program = find_program("speech-dispatcher", PACKAGE)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, script in (
        (
            "alphanumeric",
            f'echo "$@" >> {tmp_path}/calls\ntee {tmp_path}/said | {sys.executable} -m alphanumeric_client "$@"',
        ),
        ("aplay", f"exec cat > {tmp_path}/played.pcm"),
    ):
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    folder = tmp_path / "speech-dispatcher"
    assert run("speech-dispatcher", "--folder", str(folder)) == 0
    with (folder / "speechd.conf").open("a") as opened:
        # The daemon opens a sound device, although the module plays by itself.
        opened.write('AudioOutputMethod "alsa"\nAudioALSADevice "null"\n')
    socket = tmp_path / "socket"
    logs = tmp_path / "logs"
    logs.mkdir()
    paths = ["-C", str(folder), "-S", str(socket), "-L", str(logs), "-P", str(tmp_path / "pid")]
    process = subprocess.Popen([program, "-s", "-c", "unix_socket", *paths])
    try:
        until(socket.exists, within=20, what="Speech Dispatcher listens")
        yield {**os.environ, "SPEECHD_ADDRESS": f"unix_socket:{socket}"}
    finally:
        process.terminate()
        process.wait()


@pytest.mark.voice
def test_spd_say_speaks(daemon: dict[str, str], tmp_path: Path) -> None:
    spd_say = find_program("spd-say", PACKAGE)
    listed = subprocess.run([spd_say, "-O"], env=daemon, capture_output=True, text=True, check=True)
    assert "alphanumeric" in listed.stdout
    text = "It's alice's $HOME, `id`; \"quoted\"."
    subprocess.run([spd_say, "-w", "-r", "100", text], env=daemon, check=True, timeout=60)
    assert (tmp_path / "played.pcm").stat().st_size > 20_000
    calls = (tmp_path / "calls").read_text()
    assert calls == "say -q --play --wait 1 --rate=100 --voice=joe\n"
    # The shell that Speech Dispatcher starts does not interpret the text.
    assert (tmp_path / "said").read_text().strip() == text
