"""What was measured so far, written down after each step: a run that is cut off leaves its table."""

import json
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Record:
    """Sections of rows in ``results.json``, and the same for people in ``results.txt`` and on the console."""

    def __init__(self, folder: Path, limit_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._json, self._text = folder / "results.json", folder / "results.txt"
        self._clock = clock
        self._began = clock()
        self._until = self._began + limit_s
        self._sections: dict[str, list[dict[str, Any]]] = {}
        self._text.write_text("")

    @property
    def left_s(self) -> float:
        """Seconds until the run should end."""
        return self._until - self._clock()

    def add(self, section: str, **row: Any) -> None:
        """Write one row down."""
        self._sections.setdefault(section, []).append(row)
        self._json.write_text(json.dumps(self._sections, indent=1, default=str) + "\n")
        figures = "  ".join(f"{name} {_shown(value)}" for name, value in row.items())
        self.say(f"{section}: {figures}")

    def say(self, line: str) -> None:
        """Write a line for people."""
        line = f"[{self._clock() - self._began:6.1f}] {line}"
        print(line, flush=True)
        with self._text.open("a") as text:
            text.write(line + "\n")

    def enough(self, name: str, needs_s: float) -> bool:
        """Return whether there is time for a step; write down that it is left out if there is not."""
        if self.left_s < needs_s:
            self.add("skipped", step=name, why=f"{self.left_s:.0f} s are left, and it needs {needs_s:.0f}")
        return self.left_s >= needs_s

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Do one step; what goes wrong in it is written down and ends no other. ``SkipError`` in it is no error."""
        began = self._clock()
        try:
            yield
        except SkipError as error:
            self.add("skipped", step=name, why=str(error))
        except Exception as error:  # noqa: BLE001 - the other steps go on
            self.add("failed", step=name, error=f"{type(error).__name__}: {str(error)[:300]}")
            self.say(traceback.format_exc()[-3000:])
        else:
            self.say(f"({name}: {self._clock() - began:.1f} s)")


class SkipError(Exception):
    """A step that is not done; the text says why."""


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
