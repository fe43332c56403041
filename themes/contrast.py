"""Contrast between two colours as WCAG 2.1 defines it (https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio). Pure."""


def contrast(one: str, other: str) -> float:
    """The ratio between two colours in ``#rrggbb``, from 1 to 21. Raises ``ValueError`` for anything else."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance of a colour in ``#rrggbb``, 0 (black) to 1 (white). Raises ``ValueError`` for all else."""
    if len(colour) != 7 or colour[0] != "#":
        raise ValueError(f"not a colour in #rrggbb: {colour!r}")
    red, green, blue = (_linear(int(colour[index : index + 2], 16) / 255) for index in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
