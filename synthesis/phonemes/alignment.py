"""Aligns phonemes with words where espeak-ng merges words or splits one into several."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

_MOST = 4
"""Maximum words that espeak-ng merges into one group."""
_LIKELIEST = 4
_COMPARED = 120
"""Maximum symbols of a group and its words for an exact comparison; groups that espeak-ng merges are far shorter."""
_STRESS = str.maketrans("", "", "ˈˌː")


@lru_cache(maxsize=8192)
def _distance(first: str, second: str) -> int:
    """Return the edit distance."""
    row = list(range(len(second) + 1))
    for place, symbol in enumerate(first, 1):
        diagonal, row[0] = row[0], place
        for column, other in enumerate(second, 1):
            cost = min(diagonal + (symbol != other), row[column] + 1, row[column - 1] + 1)
            diagonal, row[column] = row[column], cost
    return row[-1]


def _split(group: str, isolated_words: Sequence[str]) -> list[str]:
    """Split ``group`` into one part per word, each as similar as possible to the isolated word's phonemes."""
    if len(isolated_words) == 1:
        return [group]
    if not isolated_words[0]:
        return ["", *_split(group, isolated_words[1:])]
    if not any(isolated_words[1:]):
        return [group, *("" for _ in isolated_words[1:])]
    room = len(group) - len(isolated_words) + 1
    cuts = range(1, room + 1) if room > 0 else range(min(1, len(group)), len(group) + 1)
    rest = "".join(isolated_words[1:])
    if len(group) + len(isolated_words[0]) + len(rest) > _COMPARED:
        # The comparison takes cubic time.
        cut = len(group) * len(isolated_words[0]) // (len(isolated_words[0]) + len(rest))
        return [group[:cut], *_split(group[cut:], isolated_words[1:])]
    cut = min(cuts, key=lambda place: _distance(group[:place], isolated_words[0]) + _distance(group[place:], rest))
    return [group[:cut], *_split(group[cut:], isolated_words[1:])]


def _steps(isolated_words: Sequence[Sequence[str]], word: int, phoneme_groups: int, most: int) -> list[tuple[int, int]]:
    """Yield the possible steps from ``word``: pairs of a word count and a group count; at most
    ``most`` words per group.
    """
    several = max(1, len(isolated_words[word]))
    merged = [(count, 1) for count in range(1, min(most, len(isolated_words) - word) + 1)]
    wide = [(1, count) for count in range(2, several + 2)]
    return [(words, taken) for words, taken in [*merged, *wide, (1, 0)] if taken <= phoneme_groups]


def _cost(said: str, isolated_words: str) -> int:
    """Return the mismatch of ``said`` and ``isolated_words`` by length, first and last symbol:
    enough to rank neighbors.
    """
    if not said or not isolated_words:
        return len(said) + len(isolated_words)
    return abs(len(said) - len(isolated_words)) + 2 * (said[0] != isolated_words[0]) + (said[-1] != isolated_words[-1])


def _path(
    phoneme_groups: Sequence[str], isolated_words: Sequence[Sequence[str]], texts: Sequence[str]
) -> list[tuple[int, int]]:
    """Return the cheapest path: the steps of word and group counts."""
    # Stress shifts between connected and isolated words, so it is ignored.
    phoneme_groups, texts = (
        [group.translate(_STRESS) for group in phoneme_groups],
        [text.translate(_STRESS) for text in texts],
    )
    most = min(_MOST, max(0, sum(map(len, isolated_words)) - len(phoneme_groups)) + 2)
    costs: list[dict[int, int]] = [{0: 0}, *({} for _ in isolated_words)]
    came: dict[tuple[int, int], tuple[int, int]] = {}
    for word in range(len(isolated_words)):
        # Beam search: only the best candidates are extended.
        for passed in sorted(costs[word], key=costs[word].__getitem__)[:_LIKELIEST]:
            for words, taken in _steps(isolated_words, word, len(phoneme_groups) - passed, most):
                said, by_itself = "".join(phoneme_groups[passed : passed + taken]), "".join(texts[word : word + words])
                cost = costs[word][passed] + _cost(said, by_itself)
                if cost < costs[word + words].get(passed + taken, cost + 1):
                    costs[word + words][passed + taken], came[word + words, passed + taken] = cost, (words, taken)
    if len(phoneme_groups) not in costs[-1]:
        # No step fits: the first word takes the remaining groups.
        return [(1, len(phoneme_groups)), *[(1, 0)] * (len(isolated_words) - 1)]
    return _back(came, (len(isolated_words), len(phoneme_groups)))


def _back(came: Mapping[tuple[int, int], tuple[int, int]], end: tuple[int, int]) -> list[tuple[int, int]]:
    path = []
    while end in came:
        path.append(came[end])
        end = (end[0] - came[end][0], end[1] - came[end][1])
    return path[::-1]


def align(phoneme_groups: Sequence[str], isolated_words: Sequence[Sequence[str]]) -> list[int]:
    """Return where each word begins in the groups joined by single spaces.

    A word without a sound begins where the next does. ``phoneme_groups`` are the phonemes of a
    clause split at spaces, ``isolated_words`` those of each of its words in isolation.
    """
    texts = ["".join(parts) for parts in isolated_words]
    if len(phoneme_groups) == len(isolated_words) and all(len(parts) == 1 for parts in isolated_words):
        path = [(1, 1)] * len(phoneme_groups)
    else:
        path = _path(phoneme_groups, isolated_words, texts)
    starts: list[int] = []
    word = passed = place = 0
    for words, taken in path:
        row = phoneme_groups[passed : passed + taken]
        within = place
        for part in _split(row[0], texts[word : word + words]) if words > 1 else [" ".join(row)]:
            starts.append(within)
            within += len(part)
        word, passed, place = word + words, passed + taken, place + sum(map(len, row)) + taken
    # No space follows the last group.
    return [min(start, max(0, place - 1)) for start in starts]
