"""``python -m tests.defences [words]``: take out each defence in turn, and see that its tests go red.

A word is the name of a room, or part of a claim or of a file: only what has one of them is tried then. It ends with 1
where any stays green, which is a claim that no test holds.
"""

import sys
import time

from tests.defences.defence import Defence
from tests.defences.table import ROOMS
from tests.defences.tree import GREEN, RED, Tree, copied

STILL_GREEN = "STILL GREEN"
WIDE = 150


def main(words: list[str]) -> int:
    """Run, and tell."""
    chosen = [one for room, those in ROOMS.items() for one in those if _said(words, room, one)]
    if not chosen:
        _tell(f"No defence has a word of these. There are the rooms {', '.join(ROOMS)}.")
        return 2
    with copied() as tree:
        names = sorted({name for one in chosen for name in one.red})
        whole = tree.test(names, all_of_them=True)
        if whole.verdict != GREEN:
            _tell(f"{whole.told}\nThese tests are not green with every defence in its place.")
            return 2
        bad = sum(not _try(tree, one) for one in chosen)
    _tell(f"{len(chosen)} taken out, {bad} not noticed.")
    return 1 if bad else 0


def _said(words: list[str], room: str, one: Defence) -> bool:
    text = " ".join((one.claim, one.file, *one.red)).lower()
    return not words or any(word == room if word in ROOMS else word.lower() in text for word in words)


def _try(tree: Tree, one: Defence) -> bool:
    began = time.monotonic()
    with tree.without(one):
        outcome = tree.test(one.red)
    verdict = STILL_GREEN if outcome.verdict == GREEN else outcome.verdict
    _tell(f"{verdict:12} {time.monotonic() - began:5.1f} s  {one.file}: {one.claim}")
    if outcome.verdict == RED:
        _tell(f"{'':21} {outcome.why[:WIDE]}")
    elif outcome.verdict != GREEN:
        _tell(outcome.told)
    return outcome.verdict == RED


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
