"""Runs the commands of the admin guide: those without a mark really, the others as far as they exist here."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "admin").glob("*.md"))
BLOCK = re.compile(r"^```sh ?(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
BLOCKS = [(str(found[1]), str(found[2])) for page in PAGES for found in BLOCK.finditer(page.read_text("utf-8"))]
MARKS = {"", "root", "install", "terminal", "server", "network"}
"""Blocks for root, those that take minutes or a terminal, and those that need a running server or other machines."""


def run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_every_block_has_a_known_mark() -> None:
    assert {mark for mark, _ in BLOCKS} == MARKS


def test_the_commands_without_a_mark_work_in_order(tmp_path: Path) -> None:
    """In one shell, as an operator types them; the guide's interpreter is that of the tests."""
    own = {
        "DATA_DIR": str(tmp_path / "data"),
        "BACKUPS": str(tmp_path / "backups"),
        "DJANGO_SETTINGS_MODULE": "",
        "ALLOWED_HOSTS": "speech.example.com",
        "BEHIND_TLS_PROXY": "true",
        "TRUSTED_PROXIES": "127.0.0.1",
    }
    environment = {**os.environ, **own}
    del environment["DJANGO_SETTINGS_MODULE"]
    commands = [text for mark, text in BLOCKS if not mark]
    script = "set -e\n" + "".join(["$PYTHON manage.py migrate --verbosity 0\n", *commands])
    script = script.replace(".venv/bin/python", "$PYTHON")
    done = run(["/bin/sh", "-c", script], {**environment, "PYTHON": sys.executable})
    assert done.returncode == 0, done.stderr
    assert "is complete" in done.stdout
    assert "Restored the backup" in done.stdout


@pytest.mark.parametrize(
    "line", sorted({line for mark, text in BLOCKS if mark for line in text.splitlines() if line.strip()})
)
def test_programs_targets_and_files_exist(line: str) -> None:
    program, *words = shlex.split(line)
    if program == "make":
        assert re.search(rf"^{words[0]}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
    elif program.startswith("scripts/"):
        assert os.access(ROOT / program, os.X_OK)
        options = [word for word in words if word.startswith("--")]
        helped = _help(program)
        assert [option for option in options if option not in helped] == []
    for word in words:
        if word.startswith("deploy/"):
            assert list(ROOT.glob(word)), word


def _help(program: str) -> str:
    command = {
        "scripts/health-check": [sys.executable, "manage.py", "health_check"],
        "scripts/rollback": [sys.executable, "-m", "scripts.rollback"],
    }[program]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "project.settings", "DATA_DIR": str(ROOT / "var" / "tests")}
    return run([*command, "--help"], environment).stdout


def test_the_wrappers_run_what_the_test_runs() -> None:
    assert "manage.py health_check" in (ROOT / "scripts" / "health-check").read_text()
    assert "-m scripts.rollback" in (ROOT / "scripts" / "rollback").read_text()
