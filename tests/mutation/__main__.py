"""``python -m tests.mutation [words]``: disable each security control in turn and check that a test fails.

Words select entries by section name, or by a part of the claim, file or test. Exits with 1 if a
mutation survives: no test verifies that control.
"""

import sys
import time

from tests.mutation.mutation import Mutation
from tests.mutation.sandbox import FAILED, PASSED, Sandbox, sandbox_copy
from tests.mutation.table import SECTIONS

SURVIVED = "SURVIVED"
WIDE = 150


def main(words: list[str]) -> int:
    """Run the selected mutations and print the results. Returns the exit code."""
    chosen = [one for section, those in SECTIONS.items() for one in those if _summary(words, section, one)]
    if not chosen:
        _print(f"No entry matches. Sections: {', '.join(SECTIONS)}.")
        return 2
    with sandbox_copy() as sandbox:
        names = sorted({name for one in chosen for name in one.killed_by})
        whole = sandbox.test(names, all_of_them=True)
        if whole.verdict != PASSED:
            _print(f"{whole.output_tail}\nThese tests fail without any mutation.")
            return 2
        bad = sum(not _run_mutation(sandbox, one) for one in chosen)
    _print(f"{len(chosen)} mutations, {bad} not detected.")
    return 1 if bad else 0


def _summary(words: list[str], section: str, one: Mutation) -> bool:
    text = " ".join((one.claim, one.file, *one.killed_by)).lower()
    return not words or any(word == section if word in SECTIONS else word.lower() in text for word in words)


def _run_mutation(sandbox: Sandbox, one: Mutation) -> bool:
    began = time.monotonic()
    with sandbox.without(one):
        outcome = sandbox.test(one.killed_by)
    verdict = SURVIVED if outcome.verdict == PASSED else outcome.verdict
    _print(f"{verdict:12} {time.monotonic() - began:5.1f} s  {one.file}: {one.claim}")
    if outcome.verdict == FAILED:
        _print(f"{'':21} {outcome.why[:WIDE]}")
    elif outcome.verdict != PASSED:
        _print(outcome.output_tail)
    return outcome.verdict == FAILED


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
