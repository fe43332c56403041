"""Builds a user's stylesheet: the custom properties that differ from ``tokens.css``, which precedes it. Pure."""

from themes.appearance import Appearance
from themes.schema import ThemeData
from themes.tokens import BY_NAME

NOT_LIGHT = "@media not (prefers-color-scheme: light)"
LIGHT = "@media (prefers-color-scheme: light)"


def stylesheet(shown: Appearance, default_dark: ThemeData, default_light: ThemeData) -> str:
    """Return the CSS of an appearance; the defaults must be those of ``tokens.css``."""
    if shown.mode == "system":
        dark = _declarations(shown.dark.theme, default_dark)
        light = _declarations(shown.light.theme, default_light)
        return f"{NOT_LIGHT} {{ :root {{ {dark} }} }}\n{LIGHT} {{ :root {{ {light} }} }}\n"
    # The user overrides the system's scheme, so the other scheme's defaults must all be overridden.
    chosen = shown.dark if shown.mode == "dark" else shown.light
    return f":root {{ {_declarations(chosen.theme, None)} }}\n"


def _declarations(theme: ThemeData, default: ThemeData | None) -> str:
    known = _variables(default) if default else {}
    differing = {name: value for name, value in _variables(theme).items() if known.get(name) != value}
    return " ".join(f"{name}: {value};" for name, value in differing.items())


def _variables(theme: ThemeData) -> dict[str, str]:
    typography = theme.typography
    return {
        "color-scheme": theme.scheme,
        **{BY_NAME[name].variable: color for name, color in theme.colors.items()},
        "--font": f"var(--font-{typography.font})",
        "--size": f"{typography.size}px",
        "--line": f"{typography.line_height:g}",
    }
