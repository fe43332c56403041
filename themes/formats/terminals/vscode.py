"""Reads VS Code's color themes, and the color customizations in its settings. Pure.

Format: https://code.visualstudio.com/api/references/theme-color#integrated-terminal-colors.
"""

from collections.abc import Mapping
from typing import Any

from themes.color.palette_import import ANSI, scheme_for_background
from themes.errors import ThemeError
from themes.formats.parsed import ParsedMapping
from themes.formats.slots import Table, read_theme, table
from themes.formats.values.colors import read_color
from themes.schema import ThemeData
from themes.tokens import Scheme

_CUSTOMIZATIONS = "workbench.colorCustomizations"
_PARTS = ("terminal", "terminalCursor", "editor", "activityBar", "sideBar", "statusBar", "tab", "titleBar", "workbench")
_ROLES = {
    "foreground": ("terminal.foreground", "editor.foreground", "foreground"),
    "background": ("terminal.background", "editor.background"),
    "cursor": ("terminalCursor.foreground", "editorCursor.foreground"),
    "cursorAccent": ("terminalCursor.background", "editorCursor.background"),
    "selectionBackground": ("terminal.selectionBackground", "editor.selectionBackground"),
    "selectionForeground": ("terminal.selectionForeground", "editor.selectionForeground"),
}
"""VS Code's keys of a role; its terminal shows the first that the file has."""
_ANSI = tuple(f"terminal.ansi{token[0].upper()}{token[1:]}" for token in ANSI)
_DARK = (
    "#000000 #cd3131 #0dbc79 #e5e510 #2472c8 #bc3fbc #11a8cd #e5e5e5 "
    "#666666 #f14c4c #23d18b #f5f543 #3b8eea #d670d6 #29b8db #e5e5e5"
)
_LIGHT = (
    "#000000 #cd3131 #107c10 #949800 #0451a5 #bc05bc #0598bc #555555 "
    "#666666 #cd3131 #14ce14 #b5ba00 #0451a5 #bc05bc #0598bc #a5a5a5"
)
_DEFAULTS: dict[Scheme, dict[str, str]] = {
    "dark": {"foreground": "#cccccc", **dict(zip(ANSI, _DARK.split(), strict=True))},
    "light": {"foreground": "#333333", **dict(zip(ANSI, _LIGHT.split(), strict=True))},
}
"""The colors of VS Code's terminal where a theme has none (terminalColorRegistry.ts)."""


def matches(file: ParsedMapping) -> bool:
    """Return whether the file is a color theme, or settings with color customizations."""
    if file.syntax != "json" or "format" in file.values:
        return False
    colors = _colors(file)
    has_colors = colors is not None and any(key.partition(".")[0] in _PARTS and "." in key for key in colors)
    return has_colors or any(key in file.values for key in ("tokenColors", "semanticTokenColors"))


def read(file: ParsedMapping, given: str | None) -> ThemeData:
    """Return the theme of the terminal's colors, or else of the editor's.

    Raises ``ThemeError`` with the invalid key in ``param``.
    """
    colors = _colors(file)
    if colors is None:
        raise ThemeError(
            "theme_incomplete", 'The file has no "colors": they may be in a file that it includes.', param="file"
        )
    prefix = next((f"{key}." for key in ("colors", _CUSTOMIZATIONS) if file.values.get(key) is colors), file.prefix)
    used = _used(colors)
    if "background" not in used:
        key = _ROLES["background"][1]
        raise ThemeError("theme_incomplete", f"The file has no color {key}.", param=f"{prefix}{key}")
    ground = read_color(colors[used["background"]], f"{prefix}{used['background']}").rgb
    scheme = _scheme(file) or scheme_for_background(ground)
    inner = file.inner({"name": file.values.get("name"), **{key: colors[key] for key in used.values()}}, prefix)
    if len(colors) > len(used):
        file.notes.remark("Only the colors of the terminal, and of the editor where it has none, were read.")
    return read_theme(inner, _table(used), given, scheme=scheme, defaults=_DEFAULTS[scheme])


def _colors(file: ParsedMapping) -> Mapping[str, Any] | None:
    if any(key.startswith("terminal.ansi") for key in file.values):
        return file.values
    for key in ("colors", _CUSTOMIZATIONS):
        value = file.values.get(key)
        if isinstance(value, dict):
            return value
    return None


def _used(colors: Mapping[str, Any]) -> dict[str, str]:
    """Return the key of every token that has a color; ``null`` means no color."""
    wanted = _ROLES | {token: (key,) for token, key in zip(ANSI, _ANSI, strict=True)}
    found = {token: next((key for key in keys if colors.get(key) is not None), "") for token, keys in wanted.items()}
    return {token: key for token, key in found.items() if key}


def _table(used: Mapping[str, str]) -> Table:
    return table(
        (used.get(token, key) for token, key in zip(ANSI, _ANSI, strict=True)),
        **{role: used.get(role, keys[0]) for role, keys in _ROLES.items()},
    )


def _scheme(file: ParsedMapping) -> Scheme | None:
    said = str(file.values.get("type", file.values.get("uiTheme", ""))).lower()
    if said in ("light", "vs", "hclight", "hc-light"):
        return "light"
    return "dark" if said in ("dark", "vs-dark", "hc", "hcdark", "hc-black") else None
