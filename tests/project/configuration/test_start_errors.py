"""Tests that a failure that the operator can correct is reported in one line, and a bug with its traceback."""

import errno
import sqlite3
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError

from project.configuration import command_line
from project.configuration.start_errors import explain


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/srv/d/static"), "The disk is full at /srv/d/static"),
        (OSError(errno.EROFS, "Read-only file system", "/srv/d"), "cannot write at /srv/d (Read-only file system)"),
        (PermissionError(errno.EACCES, "Permission denied", "/srv/d"), "cannot write at /srv/d (Permission denied)"),
        (OperationalError("database or disk is full"), "free some space"),
        (OperationalError("attempt to write a readonly database"), "as the owner of DATA_DIR"),
        (OperationalError("unable to open database file"), "check the owner"),
        (sqlite3.DatabaseError("file is not a database"), "restore it from a backup"),
        (ImproperlyConfigured("Set\n  PORT."), "Set PORT."),
    ],
)
def test_the_error_is_one_line(error: Exception, said: str) -> None:
    sentence = explain(error)
    assert sentence is not None
    assert said in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize(
    "error", [ValueError("x"), OperationalError("no such table: alice"), FileNotFoundError(2, "x")]
)
def test_a_bug_is_not_reported_in_one_line(error: Exception) -> None:
    assert explain(error) is None


def test_the_traceback_is_shown_if_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fail(_argv: list[str]) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(command_line, "execute_from_command_line", fail)
    with pytest.raises(SystemExit, match="The disk is full"):
        command_line.run([sys.argv[0], "check"])
    with pytest.raises(OSError, match="No space left"):
        command_line.run([sys.argv[0], "check", "--traceback"])
