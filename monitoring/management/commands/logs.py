"""``manage.py logs find``: the lines of one request, utterance, theme change or sign-in."""

import gzip
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from monitoring.log_search import SHORTEST, is_searchable, matching_lines


class Command(BaseCommand):
    """Searches logs for a correlation id."""

    help = "Find the log lines with a correlation id: the reference in an error message, or a part of its beginning."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the arguments."""
        parser.add_argument("action", choices=["find"])
        parser.add_argument("id", help=f"at least {SHORTEST} characters of the correlation id")
        parser.add_argument(
            "files", nargs="*", type=Path, metavar="FILE", help="log files, also *.gz (default: standard input)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the lines that were found. Fails if there are none."""
        wanted: str = options["id"]
        if not is_searchable(wanted):
            raise CommandError(
                f"{wanted[:80]!r} is not a correlation id: give at least {SHORTEST} of its characters, which are "
                "letters, digits and hyphens."
            )
        count = 0
        for line in matching_lines(_lines(options["files"]), wanted):
            count += 1
            self.stdout.write(line.rstrip("\n"))
        if not count:
            raise CommandError(
                f"No line has the correlation id {wanted}. It may be in an older file, or LOG_LEVEL may be too high."
            )


def _lines(files: list[Path]) -> Iterator[str]:
    if not files:
        yield from io.TextIOWrapper(sys.stdin.buffer, "utf-8", "replace")
    for path in files:
        try:
            with _opened(path) as file:
                yield from file
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror or error}.") from error


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", errors="replace")
    return path.open(encoding="utf-8", errors="replace")
