"""Removes JSDoc comments from scripts."""

import re

_JSDOC = re.compile(rb"^[ \t]*/\*\*(?:(?!\*/).)*\*/[ \t]*\n", re.DOTALL | re.MULTILINE)


def without_jsdoc(script: bytes) -> bytes:
    """Return the script without the ``/** */`` comments that begin a line."""
    return _JSDOC.sub(b"", script)
