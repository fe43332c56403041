"""The command: to tabs, to files, on speakers, line by line; exit statuses; completion."""

import io
import os
import shutil
import stat
import subprocess
import sys
import threading
import wave
from pathlib import Path

import pytest
import soundfile

from alphanumeric_client import speak
from alphanumeric_client.config import load
from alphanumeric_client.server import Server
from alphanumeric_client.speak import Speaker, Voice
from tests.client.conftest import Alice, run

pytestmark = pytest.mark.voice


def pipe(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Pipe a text into the command."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def player(folder: Path, name: str, script: str) -> Path:
    """Install a program that stands for a player."""
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


def test_a_text_is_spoken_in_an_open_tab(shell: Alice, capsys: pytest.CaptureFixture[str]) -> None:
    with shell.tab() as tab:
        assert run("say", "--title", "make", "--voice", "joe", "--speed", "1.5", "Hello,", "alice.") == 0
        got = tab.until("say.created")
        wanted = ("shell", "make", "Hello, alice.", "joe", 1.5)
        assert (got["sender"], got["title"], got["text"], got["voice"], got["speed"]) == wanted
        assert run("queue") == 0
        assert run("stop", got["id"]) == 0
        assert tab.until("say.cancelled")["id"] == got["id"]
        assert run("stop") == 0
    assert capsys.readouterr() == (f"{got['id']}\tdelivered\tshell\tmake\tHello, alice.\n1 stopped\n0 stopped\n", "")


def test_standard_input_is_cleaned_and_split(shell: Alice, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe(monkeypatch, "\x1b[1m" + "This is a sentence. " * 60 + "\x1b[0m")
    with shell.tab() as tab:
        assert run("say", "--to-tabs") == 0
        parts = tab.spoken(2)
    assert " ".join(parts) == ("This is a sentence. " * 60).strip()


def test_without_a_tab_the_text_waits(shell: Alice, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("say", "Later.") == 0
    assert "waits" in capsys.readouterr().err
    with shell.tab():
        assert run("stop") == 0
    assert capsys.readouterr().out == "1 stopped\n"


def test_lines_are_spoken_as_they_arrive_and_floods_are_coalesced(
    shell: Alice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speak, "GATHER_S", 0.5)
    pipe(monkeypatch, "".join(f"line {number}\n" for number in range(245)))
    with shell.tab() as tab:
        assert run("say", "--follow", "--to-tabs") == 0
        [first] = tab.spoken()
    assert first == "line 0\nline 1\nline 2\nline 3\nline 4\nand 240 more lines."


def test_a_line_that_cannot_be_spoken_does_not_end_the_stream(shell: Alice) -> None:
    skipped: list[str] = []
    notified = threading.Event()

    def notify(message: str) -> None:
        skipped.append(message)
        notified.set()

    def readline() -> str:
        if len(lines) == 1:
            notified.wait(30)
        return lines.pop(0) if lines else ""

    lines = ["----------\n", "Hello.\n"]
    with shell.tab() as tab, Server(load()) as server:
        Speaker(server, Voice(), notify=notify).follow(readline)
        assert tab.spoken() == ["Hello."]
    assert skipped == ["Skipped: The text contains only symbols. Write at least one letter or number."]


def test_audio_and_captions_are_written_to_files(shell: Alice, tmp_path: Path) -> None:
    for ending in ("mp3", "opus", "flac", "wav"):
        assert run("say", "--out", f"hello.{ending}", "Hello, bob.") == 0
        assert 0.5 < soundfile.info(tmp_path / f"hello.{ending}").duration < 3
    assert run("say", "--out", "hello.aac", "--captions", "hello.srt", "Hello, bob.") == 0
    assert "Hello, bob." in (tmp_path / "hello.srt").read_text()
    assert run("say", "--captions", "hello.vtt", "Hello, bob.") == 0
    assert (tmp_path / "hello.vtt").read_text().startswith("WEBVTT")


def test_a_long_text_is_one_file(shell: Alice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alphanumeric_client.text.MAX_LENGTH", 30)
    text = "This is the first sentence. This is the second sentence."
    for ending in ("wav", "mp3"):
        assert run("say", "--out", f"long.{ending}", text) == 0
        assert 2.5 < soundfile.info(tmp_path / f"long.{ending}").duration < 8
    assert run("say", "--out", "long.flac", text) == 2


def test_audio_is_piped_into_the_first_player(shell: Alice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run("say", "--play", "Hello.") == 7
    cat = shutil.which("cat", path=os.defpath)
    player(tmp_path, "pw-play", f'{cat} "$1" > played.wav')
    assert run("say", "--play", "Hello.") == 0
    with wave.open(str(tmp_path / "played.wav")) as played:
        frames = played.getnframes()
    assert played.getframerate() == 24_000
    player(tmp_path, "aplay", f"{cat} > played.pcm")
    assert run("say", "--play", "Hello.") == 0
    assert (tmp_path / "played.pcm").stat().st_size == 2 * frames
    player(tmp_path, "aplay", "exit 1")
    assert run("say", "--play", "Hello.") == 7


def test_lines_are_played(shell: Alice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALPHANUMERIC_PLAYER", str(player(tmp_path, "mine", "wc -c >> sizes")))
    pipe(monkeypatch, "Hello.\n")
    assert run("say", "--follow", "--play") == 0
    assert int((tmp_path / "sizes").read_text()) > 20_000


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["say", "--voice", "nobody", "Hello."], 5, "Unknown voice. Installed voices: joe."),
        (["say", "--speed", "9", "Hello."], 5, "speed"),
        (["say", "--out", "hello.doc", "Hello."], 2, "ending"),
        (["say", "--out", "missing/hello.mp3", "Hello."], 1, "cannot be written"),
        (["say", ""], 5, "no text"),
        (["say", "--follow", "Hello."], 2, "--follow"),
        (["stop", "nothing"], 5, "already"),
    ],
)
def test_errors_have_a_status_and_one_line(
    shell: Alice, capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, message: str
) -> None:
    assert run(*arguments) == status
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_a_missing_or_wrong_token(
    shell: Alice, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ALPHANUMERIC_TOKEN", "an_wrong")
    assert run("say", "Hello.") == 3
    monkeypatch.delenv("ALPHANUMERIC_TOKEN")
    assert run("say", "--to-tabs", "Hello.") == 3
    assert "/accounts/tokens/" in capsys.readouterr().err


def test_voices_and_configuration(shell: Alice, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("voices") == 0
    assert run("config", "set", "voice", "joe") == 0
    assert run("config") == 0
    out = capsys.readouterr().out
    assert "joe\tJoe\ten-US\n" in out
    assert "voice\tjoe\n" in out
    assert shell.token not in out


def test_the_command_runs_as_a_program(alice: Alice, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "alphanumeric_client", "say", "--out", "hello.mp3"]
    done = subprocess.run(
        command, cwd=tmp_path, env=alice.environment(tmp_path), input="Hello.", text=True, check=False
    )
    assert done.returncode == 0
    assert (tmp_path / "hello.mp3").stat().st_size > 1000


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_completion(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("completion", name) == 0
    script = capsys.readouterr().out
    if name == "fish":
        assert "-l follow\n" in script
        return
    complete = "COMP_WORDS=(alphanumeric say --fo); COMP_CWORD=2; _alphanumeric; echo ${COMPREPLY[@]}"
    script = script.removeprefix("autoload -Uz bashcompinit && bashcompinit\n")
    done = subprocess.run(["/bin/bash", "-c", f"{script}\n{complete}"], capture_output=True, text=True, check=True)
    assert done.stdout == "--follow\n"
