"""Converts between sRGB, Display P3 and OKLCH, a perceptually uniform color space. Pure.

Björn Ottosson, "A perceptual color space for image processing", https://bottosson.github.io/posts/oklab/ (matrices of
2021-01-25).
"""

from math import atan2, cbrt, cos, dist, hypot, pi, sin

Oklch = tuple[float, float, float]
"""Lightness 0 to 1, chroma from 0, hue in radians."""

_STEPS = 10  # Bisections of the chroma range: finer than an 8-bit step.
_SLACK = 1e-6
_GRAY = 0.04
_SAME_HUE = pi / 6


def linear(channel: float) -> float:
    """Return the linear value of an sRGB channel, both 0 to 1 (WCAG 2.1 and IEC 61966-2-1 agree on 8-bit values)."""
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def channels(color: str) -> tuple[float, float, float]:
    """Return linear red, green and blue of ``#rrggbb``, 0 to 1. Raises ``ValueError``."""
    if len(color) != 7 or color[0] != "#":
        raise ValueError(f"not a color in #rrggbb: {color!r}")
    red, green, blue = (linear(int(color[index : index + 2], 16) / 255) for index in (1, 3, 5))
    return red, green, blue


def oklch(color: str) -> Oklch:
    """Convert ``#rrggbb`` to OKLCH. Raises ``ValueError``."""
    red, green, blue = channels(color)
    long = cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, hypot(a, b), atan2(b, a)


def rgb(color: Oklch) -> str:
    """Convert to ``#rrggbb``. Out-of-gamut colors are mapped by reducing the chroma; the hue stays."""
    lightness, chroma, hue = color
    if lightness <= 0 or lightness >= 1:
        return "#000000" if lightness <= 0 else "#ffffff"
    shown = _light(color)
    if not _fits(shown):
        least, most = 0.0, chroma
        for _ in range(_STEPS):
            middle = (least + most) / 2
            least, most = (middle, most) if _fits(_light((lightness, middle, hue))) else (least, middle)
        shown = _light((lightness, least, hue))
    return _hex(shown)


def mix(one: str, other: str, amount: float) -> str:
    """Interpolate from ``one`` to ``other`` in Oklab by ``amount``, 0 to 1."""
    (lightness, *one_ab), (lightness_other, *other_ab) = _oklab(one), _oklab(other)
    a, b = (here + (there - here) * amount for here, there in zip(one_ab, other_ab, strict=True))
    return rgb((lightness + (lightness_other - lightness) * amount, hypot(a, b), atan2(b, a)))


def distance(one: str, other: str) -> float:
    """Return the Euclidean distance in Oklab; about 0.02 is the smallest visible difference."""
    return dist(_oklab(one), _oklab(other))


def same_hue(one: str, other: str) -> bool:
    """Return whether neither color is a gray and their hues differ by less than 30 degrees."""
    (_, chroma, hue), (_, chroma_other, hue_other) = oklch(one), oklch(other)
    apart = abs(hue - hue_other) % (2 * pi)
    return min(chroma, chroma_other) > _GRAY and min(apart, 2 * pi - apart) < _SAME_HUE


def from_display_p3(red: float, green: float, blue: float) -> str:
    """Convert Display P3, channels 0 to 1, to ``#rrggbb`` (matrix: https://www.w3.org/TR/css-color-4/), clipped."""
    r, g, b = linear(red), linear(green), linear(blue)
    light = (
        1.2249401763 * r - 0.2249401763 * g,
        -0.0420569547 * r + 1.0420569547 * g,
        -0.0196375546 * r - 0.0786360456 * g + 1.0982736002 * b,
    )
    return _hex(light)


def _oklab(color: str) -> tuple[float, float, float]:
    lightness, chroma, hue = oklch(color)
    return lightness, chroma * cos(hue), chroma * sin(hue)


def _light(color: Oklch) -> tuple[float, float, float]:
    lightness, chroma, hue = color
    a, b = chroma * cos(hue), chroma * sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _fits(light: tuple[float, float, float]) -> bool:
    return all(-_SLACK <= channel <= 1 + _SLACK for channel in light)


def _companded(light: float) -> float:
    return 12.92 * light if light <= 0.0031308 else 1.055 * float(light ** (1 / 2.4)) - 0.055


def _hex(light: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(255 * _companded(min(max(channel, 0.0), 1.0))):02x}" for channel in light)
