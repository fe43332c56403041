"""Windows: a word and those that follow it in the same line, as one string for the patterns of a classifier."""

from collections.abc import Sequence
from dataclasses import dataclass

from synthesis.text.normalization.tokenizer import Token

MAX_WORDS = 8
"""Maximum words of a window: bounds the time per word, and no pattern needs more."""
MAX_LENGTH = 120
"""Maximum characters of a window. A longer word is no number, date or address that a pattern describes."""


@dataclass(slots=True)
class Window:
    """A word and those that follow it."""

    text: str
    tokens: Sequence[Token]
    """The tokens of the window."""

    def split(self, end: int) -> tuple[int, str]:
        """Return how many words a form that ends at ``end`` of ``text`` consumes, and the symbols after it.

        The count is 0 if the form ends inside the core of a word.
        """
        place = 0
        for count, token in enumerate(self.tokens, 1):
            core = place + (len(token.lead) if count > 1 else 0) + len(token.core)
            if end <= core + len(token.trail):
                return (count, token.trail[end - core :]) if end >= core else (0, "")
            place = core + len(token.trail) + 1
        return 0, ""


def window(tokens: Sequence[Token], at: int) -> Window:
    """Return the window from the core of the token at ``at``; it ends at a layout boundary."""
    token = tokens[at]
    parts = [token.core + token.trail]
    end = at + 1
    for token in tokens[at + 1 : at + MAX_WORDS]:
        if tokens[end - 1].boundary:
            break
        parts.append(token.lead + token.core + token.trail)
        end += 1
    return Window(" ".join(parts)[:MAX_LENGTH], tokens[at:end])
