"""A person's themes as a stylesheet: only what differs from ``tokens.css``, which comes before it. Pure."""

from themes.appearance import Appearance
from themes.tokens import BY_NAME
from themes.validation import Document

NOT_LIGHT = "@media not (prefers-color-scheme: light)"
LIGHT = "@media (prefers-color-scheme: light)"


def stylesheet(shown: Appearance, default_dark: Document, default_light: Document) -> str:
    """The custom properties of what is shown; the defaults are those that ``tokens.css`` has."""
    if shown.mode == "system":
        dark = _declarations(shown.dark.document, default_dark)
        light = _declarations(shown.light.document, default_light)
        return f"{NOT_LIGHT} {{ :root {{ {dark} }} }}\n{LIGHT} {{ :root {{ {light} }} }}\n"
    # Against the system's wish, none of what the system would choose may remain.
    chosen = shown.dark if shown.mode == "dark" else shown.light
    return f":root {{ {_declarations(chosen.document, None)} }}\n"


def _declarations(theme: Document, default: Document | None) -> str:
    known = _variables(default) if default else {}
    differing = {name: value for name, value in _variables(theme).items() if known.get(name) != value}
    return " ".join(f"{name}: {value};" for name, value in differing.items())


def _variables(theme: Document) -> dict[str, str]:
    typography = theme.typography
    return {
        "color-scheme": theme.scheme,
        **{BY_NAME[name].variable: colour for name, colour in theme.colours.items()},
        "--font": f"var(--font-{typography.font})",
        "--size": f"{typography.size}px",
        "--line": f"{typography.line_height:g}",
    }
