"""``manage.py logs find``: both forms of the log, prefixes, tracebacks, files and bad input."""

import gzip
import io
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from core.logs import correlation
from core.logs.events import log_event
from monitoring.log_search import matching_lines
from project.logging import JsonFormatter, add_correlation_id

ALICE, BOB = "a11ce000a11ce000", "b0b00000b0b00000"


def written(form: str) -> list[str]:
    """Return the lines of a log with work of alice, of bob and of no user, as the server writes them."""
    formatters: Any = settings.LOGGING["formatters"]
    text = formatters["text"]
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter() if form == "json" else logging.Formatter(text["format"], style=text["style"]))
    handler.addFilter(add_correlation_id)
    logger = logging.getLogger(f"terminal.{form}")
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.INFO)
    for name in (ALICE, None, BOB, ALICE):
        with correlation.bound(name):
            log_event(logger, logging.INFO, "utterance", outcome="done", voice="joe", cached=False)
    with correlation.bound(BOB):
        try:
            raise ValueError("broken")
        except ValueError:
            logger.exception("failed")
    return stream.getvalue().splitlines(keepends=True)


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("prefix", ["", "Nov 26 21:00:00 host alphanumeric[7]: "])
def test_the_lines_of_an_id_are_found(form: str, prefix: str) -> None:
    lines = [prefix + line for line in written(form)]
    assert list(matching_lines(lines, ALICE)) == [lines[0], lines[3]]
    assert list(matching_lines(lines, ALICE[:8])) == [lines[0], lines[3]]
    assert list(matching_lines(lines, "c0ffee00")) == []


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_traceback_belongs_to_its_line(form: str) -> None:
    found = "".join(matching_lines(written(form), BOB))
    assert "ValueError: broken" in found
    assert ALICE not in found


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_plain_search_finds_them_too(form: str) -> None:
    assert sum(ALICE[:8] in line for line in written(form)) == 2


def test_an_id_within_a_message_is_no_match() -> None:
    line = f"2026-11-26 21:00:00,000 INFO    terminal: [{BOB}] the other id was {ALICE}\n"
    assert list(matching_lines([line, '{"time": broken\n'], ALICE)) == []


def test_files_are_searched(tmp_path: Path) -> None:
    lines = written("json")
    (tmp_path / "new.log").write_text("".join(lines[3:]))
    with gzip.open(tmp_path / "old.log.gz", "wt") as old:
        old.write("".join(lines[:3]))
    out = io.StringIO()
    call_command("logs", "find", ALICE, str(tmp_path / "old.log.gz"), str(tmp_path / "new.log"), stdout=out)
    assert out.getvalue().splitlines() == [lines[0].strip(), lines[3].strip()]


@pytest.mark.parametrize(
    ("wanted", "file", "said"),
    [
        ("c0ffee00", "a.log", "No line has the correlation id c0ffee00"),
        ("7f3", "a.log", "is not a correlation id"),
        ("7f3a 7f3a", "a.log", "is not a correlation id"),
        (ALICE, "missing.log", "missing.log cannot be read: No such file"),
    ],
)
def test_bad_input_gets_one_sentence(tmp_path: Path, wanted: str, file: str, said: str) -> None:
    (tmp_path / "a.log").write_text("".join(written("text")))
    with pytest.raises(CommandError, match=said):
        call_command("logs", "find", wanted, str(tmp_path / file))


def test_standard_input_is_read() -> None:
    command = [sys.executable, "manage.py", "logs", "find", ALICE]
    lines = "".join(written("text"))
    found = subprocess.run(
        command, cwd=settings.BASE_DIR, input=lines, capture_output=True, text=True, timeout=60, check=True
    )
    assert found.stdout.count(ALICE) == 2
