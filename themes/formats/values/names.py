"""Makes valid theme names of the names in other programs' files. Pure."""

import unicodedata

from themes.schema import MAX_NAME_LENGTH, is_visible

_EXTENDING = {"Mn", "Me", "Sk"}
_JOINER = "\u200d"
_LARGEST_NUMBER = 10**30


def clean_name(value: object) -> str | None:
    """Return the name without invisible characters and at most 60 characters long, ``None`` if nothing is left."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, int) and abs(value) > _LARGEST_NUMBER:
        return None
    # Far more than the limit, because cleaning removes characters.
    text = unicodedata.normalize("NFC", str(value)[: 16 * MAX_NAME_LENGTH]).strip()
    if 0 < len(text) <= MAX_NAME_LENGTH and all(is_visible(text, place) for place in range(len(text))):
        return text
    spaced = " ".join("".join(" " if letter.isspace() else letter for letter in text).split())
    visible = "".join(letter for place, letter in enumerate(spaced) if is_visible(spaced, place))
    # Without a neighbor, a joiner that was allowed no longer is.
    kept = "".join(letter for place, letter in enumerate(visible) if is_visible(visible, place))
    # The remaining characters can compose: an accent after a removed character.
    return _cut(unicodedata.normalize("NFC", kept).strip()) or None


def _cut(name: str) -> str:
    """Cut the name between two characters as users see them: not within an emoji or before an accent."""
    if len(name) <= MAX_NAME_LENGTH:
        return name
    end = MAX_NAME_LENGTH
    while end and (unicodedata.category(name[end]) in _EXTENDING or _JOINER in name[end - 1 : end + 1]):
        end -= 1
    return name[:end].strip() or name[:MAX_NAME_LENGTH].rstrip(_JOINER).strip()
