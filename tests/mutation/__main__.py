"""``python -m tests.mutation [words]``: take out each security control in turn, and see that its tests go red.

A word is the name of a room, or part of a claim or of a file: only what has one of them is tried then. It ends with 1
where any stays green, which is a claim that no test holds.
"""

import sys
import time

from tests.mutation.mutation import Mutation
from tests.mutation.sandbox import FAILED, PASSED, Sandbox, sandbox_copy
from tests.mutation.table import SECTIONS

SURVIVED = "SURVIVED"
WIDE = 150


def main(words: list[str]) -> int:
    """Run, and tell."""
    chosen = [one for section, those in SECTIONS.items() for one in those if _said(words, section, one)]
    if not chosen:
        _tell(f"No defense has a word of these. There are the rooms {', '.join(SECTIONS)}.")
        return 2
    with sandbox_copy() as sandbox:
        names = sorted({name for one in chosen for name in one.killed_by})
        whole = sandbox.test(names, all_of_them=True)
        if whole.verdict != PASSED:
            _tell(f"{whole.told}\nThese tests are not green with every defense in its place.")
            return 2
        bad = sum(not _try(sandbox, one) for one in chosen)
    _tell(f"{len(chosen)} taken out, {bad} not noticed.")
    return 1 if bad else 0


def _said(words: list[str], section: str, one: Mutation) -> bool:
    text = " ".join((one.claim, one.file, *one.killed_by)).lower()
    return not words or any(word == section if word in SECTIONS else word.lower() in text for word in words)


def _try(sandbox: Sandbox, one: Mutation) -> bool:
    began = time.monotonic()
    with sandbox.without(one):
        outcome = sandbox.test(one.killed_by)
    verdict = SURVIVED if outcome.verdict == PASSED else outcome.verdict
    _tell(f"{verdict:12} {time.monotonic() - began:5.1f} s  {one.file}: {one.claim}")
    if outcome.verdict == FAILED:
        _tell(f"{'':21} {outcome.why[:WIDE]}")
    elif outcome.verdict != PASSED:
        _tell(outcome.told)
    return outcome.verdict == FAILED


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
