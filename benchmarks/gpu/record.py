"""Records results after each step, so that an interrupted run keeps its table."""

import json
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Record:
    """Writes sections of rows to ``results.json``, and as text to ``results.txt`` and the console."""

    def __init__(self, folder: Path, limit_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._json, self._text = folder / "results.json", folder / "results.txt"
        self._clock = clock
        self._began = clock()
        self._until = self._began + limit_s
        self._sections: dict[str, list[dict[str, Any]]] = {}
        self._text.write_text("")

    @property
    def left_s(self) -> float:
        """Return the seconds until the run should end."""
        return self._until - self._clock()

    def add(self, section: str, **row: Any) -> None:
        """Record one row."""
        self._sections.setdefault(section, []).append(row)
        self._json.write_text(json.dumps(self._sections, indent=1, default=str) + "\n")
        figures = "  ".join(f"{name} {_shown(value)}" for name, value in row.items())
        self.say(f"{section}: {figures}")

    def say(self, line: str) -> None:
        """Write a line of text."""
        line = f"[{self._clock() - self._began:6.1f}] {line}"
        print(line, flush=True)
        with self._text.open("a") as text:
            text.write(line + "\n")

    def enough(self, name: str, needs_s: float) -> bool:
        """Return whether there is time for a step; record it as skipped if there is not."""
        if self.left_s < needs_s:
            self.add("skipped", step=name, why=f"{self.left_s:.0f} s remain, and the step needs {needs_s:.0f}")
        return self.left_s >= needs_s

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Run one step and record its errors, so that other steps continue. ``SkipError`` is not an error."""
        began = self._clock()
        try:
            yield
        except SkipError as error:
            self.add("skipped", step=name, why=str(error))
        except Exception as error:  # noqa: BLE001 - the other steps continue
            self.add("failed", step=name, error=f"{type(error).__name__}: {str(error)[:300]}")
            self.say(traceback.format_exc()[-3000:])
        else:
            self.say(f"({name}: {self._clock() - began:.1f} s)")


class SkipError(Exception):
    """Raised for a skipped step, with the reason."""


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
