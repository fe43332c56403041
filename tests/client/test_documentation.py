"""Runs the examples of docs/pipe.md."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from alphanumeric_client import cli
from tests.client.conftest import Alice
from tests.e2e.server import ROOT
from tests.programs import find_program

pytestmark = pytest.mark.voice

PAGE = (ROOT / "docs" / "pipe.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```(\w+)( not run)?\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
RUN = [text for kind, unrun, text in EXAMPLES if kind == "sh" and not unrun]


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Return a folder with the command, and with a player that only reads."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, script in (("alphanumeric", f'exec {sys.executable} -m alphanumeric_client "$@"'), ("aplay", "wc -c")):
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return folder


@pytest.mark.parametrize("example", RUN, ids=lambda example: example.strip().splitlines()[-1][:40])
def test_examples_run(alice: Alice, programs: Path, tmp_path: Path, example: str) -> None:
    for name in ("tmux", "git", "curl"):
        if re.search(rf"\b{name} ", example):
            find_program(name, name)
    environment = alice.environment(tmp_path / "configuration")
    environment |= {"PATH": f"{programs}:{environment['PATH']}", "HOME": str(tmp_path)}
    folder = tmp_path / "work"
    folder.mkdir()
    code = example.replace("http://127.0.0.1:8000/", alice.server.url)
    command = ["/bin/bash", "-eo", "pipefail", "-c", code]
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_other_examples_have_valid_commands() -> None:
    commands = []
    for kind, unrun, text in EXAMPLES:
        if kind == "json":
            fields = json.loads(text)
            commands += [*fields.get("mcpServers", {}).values(), *fields.get("tasks", [])]
        elif unrun or kind == "text":
            found = re.findall(r"\balphanumeric (?:say|config|mcp)\b.*", text)
            commands += [{"command": "alphanumeric", "args": shlex.split(one, comments=True)[1:]} for one in found]
    assert len(commands) >= 5
    for one in commands:
        assert one["command"] == "alphanumeric"
        cli.parser().parse_args(one["args"])


def test_most_examples_run() -> None:
    assert len(RUN) > 5


def test_the_exit_statuses_are_documented() -> None:
    from alphanumeric_client.errors import Exit

    listed = re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)
    assert sorted(map(int, listed)) == sorted(Exit)
