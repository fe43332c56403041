"""A mutation: the claim of a security control, its code, the replacement that disables it, and the
tests that detect it.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutation:
    """One security control. ``replacements`` maps code in ``file`` to the code that disables the control.

    All pieces of a control that is implemented in several places are replaced together.
    """

    claim: str
    file: str
    replacements: Mapping[str, str]
    killed_by: tuple[str, ...]
    """Pytest node ids, of which at least one must fail."""

    def without(self, text: str) -> str:
        """Return ``text`` without the security control.

        Raises ``ValueError`` if a piece does not occur exactly once.
        """
        for piece, instead in self.replacements.items():
            if text.count(piece) != 1:
                raise ValueError(f"{self.file} has this {text.count(piece)} times, not once: {piece!r}")
            text = text.replace(piece, instead)
        return text


def mutation(claim: str, file: str, replacements: Mapping[str, str], *killed_by: str) -> Mutation:
    """Return an entry of the table."""
    return Mutation(claim, file, replacements, killed_by)
