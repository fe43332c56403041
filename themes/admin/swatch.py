"""Draws theme swatches as SVG with color attributes, because the Content Security Policy forbids inline styles."""

from collections.abc import Mapping

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from themes.tokens import TOKENS

_PALETTE = tuple(token.name for token in TOKENS if token.group == "Palette")
_CELL = 9
_MARGIN = 6


def swatch(colors: Mapping[str, str], name: str) -> SafeString:
    """Return an SVG with sample text on the background, the accent, and the 16 palette colors in two rows."""
    cells = format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>',
        (
            (56 + index % 8 * _CELL, _MARGIN + index // 8 * (_CELL + 2), _CELL, _CELL + 2, colors[token])
            for index, token in enumerate(_PALETTE)
        ),
    )
    return format_html(
        '<svg class="theme-swatch" width="136" height="34" viewBox="0 0 136 34" role="img" aria-label="Colors of {}">'
        '<rect x=".5" y=".5" width="135" height="33" rx="5" fill="{}" stroke="{}"/>'
        '<text x="8" y="22" font-family="monospace" font-size="14" fill="{}">Aa</text>'
        '<rect x="30" y="9" width="18" height="16" rx="2" fill="{}"/>'
        '<text x="34.5" y="22" font-family="monospace" font-size="14" fill="{}">a</text>{}</svg>',
        name,
        *(colors[token] for token in ("background", "border", "foreground", "accent", "onAccent")),
        cells,
    )
