"""A temporary copy of the working tree in which mutations are applied."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.mutation.mutation import Mutation

ROOT = Path(__file__).resolve().parents[2]
KEPT = Path("var/tests")
"""The folder of the real voice, which takes a minute to install."""
LONGEST_S = 300
MISTAKES = ("NameError", "UnboundLocalError", "SyntaxError", "IndentationError", "ImportError", "ModuleNotFoundError")
"""Errors caused by an invalid mutation, which say nothing about the security control."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a test run; ``output_tail`` is the end of its output, ``why`` a summary of the first failure."""

    verdict: str
    output_tail: str
    why: str = ""


PASSED, FAILED, BROKEN, TIMED_OUT = "passed", "failed", "BROKEN", "TIMED OUT"


class Sandbox:
    """The temporary copy."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._report = folder / "report.xml"

    @contextmanager
    def without(self, mutation: Mutation) -> Iterator[None]:
        """Disable the security control inside the context."""
        path = self._folder / mutation.file
        whole = path.read_text(encoding="utf-8")
        path.write_text(mutation.without(whole), encoding="utf-8")
        try:
            yield
        finally:
            path.write_text(whole, encoding="utf-8")

    def test(self, names: Sequence[str], *, all_of_them: bool = False) -> Outcome:
        """Run tests in the copy, up to the first failure."""
        self._report.unlink(missing_ok=True)
        options = ["-q", "--no-header", "--no-cov", "-p", "no:cacheprovider", f"--junitxml={self._report}"]
        command = [sys.executable, "-m", "pytest", *([] if all_of_them else ["-x"]), *options, *names]
        # Python's bytecode cache compares time stamps in seconds and sizes: a mutation could go unnoticed.
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        process = subprocess.Popen(
            command,
            cwd=self._folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            output_tail, _ = process.communicate(timeout=LONGEST_S * (4 if all_of_them else 1))
        except subprocess.TimeoutExpired:
            return Outcome(TIMED_OUT, "")
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        if process.returncode == 0:
            return Outcome(PASSED, output_tail[-3000:])
        why = next((failed for failed in self._failures() if not failed[1].startswith(MISTAKES)), None)
        if process.returncode != 1 or why is None:
            return Outcome(BROKEN, output_tail[-3000:])
        return Outcome(FAILED, output_tail[-3000:], f"{why[0]}: {' '.join(why[1].split())}")

    def _failures(self) -> Iterator[tuple[str, str]]:
        """Return the failed tests with their messages, excluding errors in fixtures."""
        if self._report.exists():
            for case in ET.parse(self._report).iter("testcase"):  # noqa: S314 - pytest wrote it just now
                yield from ((case.get("name", ""), failure.get("message", "")) for failure in case.iter("failure"))


@contextmanager
def sandbox_copy() -> Iterator[Sandbox]:
    """Yield a copy of the project, including the voice that the tests have already installed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - whichever git there is
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    with tempfile.TemporaryDirectory(prefix="alphanumeric-mutation-") as name:
        folder = Path(name)
        for file in filter(None, listed.stdout.split("\0")):
            if (ROOT / file).is_file():
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / file, folder / file)
        _link_voices(folder / KEPT)
        yield Sandbox(folder)


def _link_voices(kept: Path) -> None:
    """Link voices one by one, so that a voice installed by a mutated copy stays in the copy."""
    (kept / "voices").mkdir(parents=True)
    for voice in (ROOT / KEPT / "voices").glob("[!.]*"):
        (kept / "voices" / voice.name).symlink_to(voice)
    for database in (ROOT / KEPT).glob("*.sqlite3"):
        shutil.copy2(database, kept)
