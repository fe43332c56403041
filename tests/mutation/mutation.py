"""One security control: what is claimed of it, the code that it is, what stands there without it, and what must
notice.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutation:
    """``replacements`` has what stands in ``file`` instead of each piece; a claim that several pieces keep loses
    them all.
    """

    claim: str
    file: str
    replacements: Mapping[str, str]
    killed_by: tuple[str, ...]
    """Tests, as pytest names them, of which one at least must fail then."""

    def without(self, text: str) -> str:
        """The file's text without the security control. Raises ``ValueError`` where a piece is not there exactly
        once.
        """
        for piece, instead in self.replacements.items():
            if text.count(piece) != 1:
                raise ValueError(f"{self.file} has this {text.count(piece)} times, not once: {piece!r}")
            text = text.replace(piece, instead)
        return text


def mutation(claim: str, file: str, replacements: Mapping[str, str], *killed_by: str) -> Mutation:
    """A line of the table."""
    return Mutation(claim, file, replacements, killed_by)
