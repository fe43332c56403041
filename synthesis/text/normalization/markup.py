"""Replaces markup (terminal escapes, Markdown, HTML) with placeholders; the words keep their positions."""

import html
import re
from collections.abc import Callable

from synthesis.text.word_sets import word_set

GONE = "\0"
"""Replaces a removed character; the text on both sides forms one word."""
CUT = "\x1e"
"""Replaces a removed character that ended a sentence (the end of an HTML block)."""

# Possessive quantifiers (``*+``) and atomic groups (``(?>...)``) do not backtrack, which keeps the time linear in the
# length of the text. Python before 3.11.5 matches possessively repeated groups wrongly (gh-106052), hence the latter.
Rule = tuple[str, re.Pattern[str], Callable[[re.Match[str]], str]]

ESCAPE = re.compile(
    r"""(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]                                  # control sequences: colors, cursor
    |(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x00-\x1f\x7f-\x9f]*(?:\x07|\x1b\\|\x9c)  # strings: titles, links
    |\x1b[ -/]*[0-~]                                                      # the short ones""",
    re.VERBOSE,
)
_INLINE = word_set(
    "a abbr b bdi big button cite code data del em font i ins kbd label mark q s samp small span strike strong sub "
    "sup time tt u var"
)
_BLOCK = word_set(
    "article aside audio blockquote body br caption center dd details div dl dt figcaption figure footer form h1 h2 h3 "
    "h4 h5 h6 head header hr html iframe img input li link main meta nav ol option p pre section select source "
    "summary svg table tbody td textarea tfoot th thead title tr ul video"
)
_SSML = word_set("amazon audio emphasis lang mark paragraph phoneme prosody say-as sentence speak voice")
_PAUSE = word_set("break")
_SWITCHES = (
    "allowfullscreen async autofocus autoplay checked contenteditable controls default defer disabled draggable hidden "
    "inert ismap loop multiple muted nomodule novalidate open playsinline readonly required reversed selected"
).replace(" ", "|")
_TAG = re.compile(
    rf"""</?({"|".join(sorted(_INLINE | _BLOCK | _SSML | _PAUSE, key=len, reverse=True))})(?![\w-])
    (?>(?:\s++(?:(?:{_SWITCHES})(?![\w=-])|[A-Za-z_:@][\w:.-]*+\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+'|[^\s"'<>=]++)))*)\s*+/?>""",
    re.VERBOSE | re.IGNORECASE,
)
_COMMENT = re.compile(r"<!--(?:(?!<!--).)*?-->", re.DOTALL)
_SCRIPT = re.compile(r"<(script|style)\b[^<>]*>(?:(?!<\1).)*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_TYPE_ARGUMENTS = re.compile(r"(?<=[A-Za-z]{2})<([\w ,.\[\]]{1,40})>(?!\w)")
_CODE = re.compile(r"`[^`\n]+`")
_CLOSING = re.compile(r"</(\w)\s*>")


def _gone(match: re.Match[str]) -> str:
    return GONE * len(match[0])


def _tag(match: re.Match[str]) -> str:
    name = match[1].lower()
    if name in _PAUSE:
        return "," + GONE * (len(match[0]) - 1)
    return (CUT if name in _BLOCK else GONE) + GONE * (len(match[0]) - 1)


def _without_tags(text: str) -> str:
    """Return ``text`` without tags; ``a<b then x>c`` has none: a letter in brackets is a tag only if it is closed."""
    closed = {name.lower() for name in _CLOSING.findall(text)}

    def replaced(match: re.Match[str]) -> str:
        name, bare = match[1].lower(), len(match[0]) == len(match[1]) + 2
        follows_word = match.string[match.start() - 1 : match.start()].isalnum()
        if len(name) == 1 and bare and name not in closed and (name != "p" or follows_word):
            return match[0]
        return _tag(match)

    return _TAG.sub(replaced, text)


def _code(match: re.Match[str]) -> str:
    """Keep the names of tags that are written as code: "use `<br>` here"."""
    return match[0].translate(_BRACKETS) if "<" in match[0] else match[0]


def _kept_start(match: re.Match[str]) -> str:
    return match[1] + GONE * (len(match[0]) - len(match[1]))


def _line_end(match: re.Match[str]) -> str:
    return CUT + GONE


def _latex(match: re.Match[str]) -> str:
    """Replace the commands of a formula between dollar signs or on its own by signs; braces and dollars are removed."""
    formula = _FRACTION_COMMAND.sub(_latex_fraction, match[0])
    formula = _COMMAND.sub(lambda m: _COMMANDS.get(m[1], " ").ljust(len(m[0]), GONE), formula)
    return formula.translate(_MATH)


def _latex_fraction(match: re.Match[str]) -> str:
    return f"{match[1]}/{match[2]}".rjust(len(match[0]), GONE)


def _latex_if_command(match: re.Match[str]) -> str:
    return _latex(match) if "\\" in match[0] else match[0]


_BRACKETS = str.maketrans(dict.fromkeys("<>/", GONE))
_MATH = str.maketrans({**dict.fromkeys("${}\\", GONE), "_": " "})
_COMMAND = re.compile(r"\\([A-Za-z]{1,20})")
_FRACTION_COMMAND = re.compile(r"\\[dt]?frac\{([^{}\n]{1,40})\}\{([^{}\n]{1,40})\}")
_COMMANDS = {
    "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "neq": "≠", "ne": "≠", "approx": "≈", "times": "×", "cdot": "×",
    "div": "÷", "pm": "±", "to": "→", "rightarrow": "→", "infty": "∞", "sqrt": "√", "sum": "∑", "int": "∫",
    "partial": "∂", "in": "∈", "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "theta": "θ",
    "lambda": "λ", "mu": "μ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "omega": "ω", "Delta": "Δ",
    "Sigma": "Σ", "Omega": "Ω", "ldots": "…", "dots": "…", "quad": " ",
}  # fmt: skip


def _entity(match: re.Match[str]) -> str:
    char = html.unescape(match[0])
    return char.ljust(len(match[0]), GONE) if len(char) == 1 and (char.isprintable() or char == "\xa0") else match[0]


def _text_of_link(match: re.Match[str]) -> str:
    before, after = match.start(1) - match.start(), match.end() - match.end(1)
    return GONE * before + match[1] + GONE * after


def _cells(match: re.Match[str]) -> str:
    row = match[0].rstrip()
    return row[:-1].replace("|", GONE, 1).replace("|", ",") + GONE + match[0][len(row) :]


_TARGET = r"(?=\)|[^()\s]*[/.:#@])(?:[^()\s]|\([^()\s]*\))*"
_RULER = r"^[ \t>]*+(?>(?:[-=*_~#+] ?){3,})$|^[ \t]*+\|?+(?>(?:[ \t]*+:?-++:?[ \t]*+\|)+)[ \t:-]*+$"
_STARS = r"(?<!\d)\*\*+|\*\*+(?!\d)|(?<=[^\s\w*])\*|\*(?=[^\s\w*])|(?<!\S)\*(?=\S)|(?<=\S)\*(?!\S)"
_RULES: tuple[Rule, ...] = (
    ("&", re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});"), _entity),
    ("![", re.compile(r"!\[([^\[\]\n]*)\]\([^()\n]*\)"), _text_of_link),
    ("](", re.compile(rf"\[([^\[\]\n]*)\]\({_TARGET}(?:\s\"[^\"\n]*\")?\)"), _text_of_link),
    ("][", re.compile(r"(?<![\w\])])\[([^\[\]\n]+)\]\[[^\[\]\n]*\]"), _text_of_link),
    # References to notes, after the end of a sentence or a clause.
    ("[", re.compile(r"(?<=[.!?,;])\[\d{1,3}\](?=\s|$)"), _gone),
    ("", re.compile("(?<=[a-z][.!?,])[⁰¹²³⁴-⁹†‡]+(?=\\s|$)"), _gone),
    ("\\", re.compile(r"(?<=[a-z.!?,;:])\\n(?=[A-Z\s]|$)"), _line_end),
    ("\\", re.compile(r"\$[^$\n]{1,200}\$|\\[dt]?frac\{[^{}\n]{1,40}\}\{[^{}\n]{1,40}\}"), _latex_if_command),
    ("$ ", re.compile(r"^[ \t]*[$%](?= [a-z])", re.MULTILINE), _gone),
    ("==", re.compile(r"(?<![=\w!<>])={2,}(?=[^\s=])|(?<=[^\s=])={2,}(?![=\w])|(?<!\S)={3,}(?!\S)"), _gone),
    ("", re.compile(r"(?<!\S)(?=[+-]*\+)[+-]{3,}+(?!\S)"), _gone),
    ("[^", re.compile(r"\[\^[\w-]+\]:?"), _gone),
    ("```", re.compile(r"^[ \t]*```[^\n`]*$", re.MULTILINE), _gone),
    ("~~", re.compile(r"^[ \t]*~~~[^\n~]*$|~~", re.MULTILINE), _gone),
    ("", re.compile(_RULER, re.MULTILINE), _gone),
    ("|", re.compile(r"^[ \t]*\|.*\|[ \t]*$", re.MULTILINE), _cells),
    (">", re.compile(r"^[ \t]*(?:>(?![=\d])[ \t]?)+", re.MULTILINE), _gone),
    ("#", re.compile(r"^[ \t]*#{1,6}(?=[ \t])|[ \t]#+[ \t]*$", re.MULTILINE), _gone),
    ("", re.compile(r"^[ \t\0]*(?:[-*+•‣◦▪·–—][ \t]+)(?:\[[ xX]\](?=\s))?", re.MULTILINE), _gone),
    ("`", re.compile(r"`+"), _gone),
    ("*", re.compile(_STARS), _gone),
    ("_", re.compile(r"(?<!\w)_++(?=[^\W_])|(?<=[^\W_])(?:__++|_(?!\w))"), _gone),
    ("\u20e3", re.compile("([0-9#*])\ufe0f?\u20e3"), _kept_start),
)  # fmt: skip


def strip_markup(text: str) -> str:
    """Return ``text`` with its markup replaced, at the same length, so that positions remain valid."""
    text = ESCAPE.sub(_gone, text)
    if "`" in text and "<" in text:
        text = _CODE.sub(_code, text)
    if "<" in text:
        for pattern in (_COMMENT, _SCRIPT):
            text = pattern.sub(_gone, text)
        text = _TYPE_ARGUMENTS.sub(lambda match: f" {match[1]}{GONE}", _without_tags(text))
    for trigger, pattern, replace in _RULES:
        if trigger in text:
            text = pattern.sub(replace, text)
    return text
