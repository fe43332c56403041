"""Tests that of two concurrent first starts one prepares DATA_DIR and the other waits."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from project.backups.lock import in_use
from project.configuration.start_lock import exclusive

ROOT = Path(__file__).parents[3]
PREPARE = """
import django; django.setup()
from project.management.commands.serve import Command
Command._install_voice = lambda self: None
Command()._prepare()
"""


def test_the_second_start_waits_and_reports_it(tmp_path: Path) -> None:
    code = f"""
import sys; from pathlib import Path
from project.configuration.start_lock import exclusive
with exclusive(Path({str(tmp_path)!r}), lambda text: print(text, flush=True)): print("in", flush=True)
"""
    with exclusive(tmp_path, print):
        other = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert other.stdout is not None
        assert other.stdout.readline().startswith("Another start is preparing DATA_DIR")
        assert other.poll() is None
    assert other.stdout.readline() == "in\n"
    assert other.wait(10) == 0


def test_a_file_system_without_locks_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def flock(_file: object, _operation: int) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("fcntl.flock", flock)
    with exclusive(tmp_path, print), in_use(tmp_path):
        pass
    assert caplog.text.count("has no locks (Operation not supported)") == 2


def test_two_first_starts_prepare_one_database(tmp_path: Path) -> None:
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "project.settings"}
    both = [
        subprocess.Popen([sys.executable, "-c", PREPARE], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    told = [process.communicate(timeout=120)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], told
