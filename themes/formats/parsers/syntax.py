"""Detects the syntax of a theme file by its content, and parses it. Pure."""

import re
from collections import Counter
from collections.abc import Callable
from itertools import islice

from themes.errors import ThemeError
from themes.formats import json_parser, plist_parser, yaml_parser
from themes.formats.decoding import check_size, decode, unknown_format
from themes.formats.parsed import ITEMS, ParsedMapping
from themes.formats.parsers import binary_plist, javascript_parser, line_parser, toml_parser

_MAX_LINES = 400
_PAGE = re.compile(r"(?>(?:<!--.*?-->|\s++)*)<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_SCRIPT = re.compile(
    r"(?:['\"]use strict['\"]|(?:const|let|var|import|function|return|export(?! \w+=))\s+(?![=:])"
    r"|(?:module\.)?exports\b|\()",
    re.ASCII,
)
_LUA = re.compile(r"require\s*\(?\s*['\"]wezterm['\"]")
_COMMENTS = r"(?>(?:\s++|//[^\n]*+|/\*.*?(?:\*/|\Z))*)"
_COMMENT = re.compile(_COMMENTS, re.DOTALL)
_SCRIPT_OBJECT = re.compile(_COMMENTS + r"\{" + _COMMENTS + r"[^\"}]", re.DOTALL)
"""An object whose first key has no double quotes, which JSON requires."""
_JSON_AFTER_COMMENTS = re.compile(r"(?>(?:\s*+#[^\n]*+\n)+)\s*+\{")
_SECTION = re.compile(r"\[\[?[\w.\-\"' ]+\]\]?\s*(?:[#;].*)?")
_RESOURCE = re.compile(r"(?:[\w-]*[*.][\w.*?-]*|color\d+)\s*:")
_TOML_VALUE = re.compile(r"(?!export )[\w.\-\"' ]+=\s*(?:[\"'\[{]|true\b|false\b)")
_ASSIGNMENT = re.compile(r"(?:export\s+)?[\w.-]+\s*=")
_WORDS = re.compile(r"[a-z_]\w*\s+[^\s:=]")
_LINES = (("toml", _TOML_VALUE), ("assignments", _ASSIGNMENT), ("resources", _RESOURCE), ("words", _WORDS))

_PARSERS: dict[str, Callable[[str], ParsedMapping]] = {
    "json": json_parser.parse,
    "plist": plist_parser.parse,
    "yaml": yaml_parser.parse,
    "toml": toml_parser.parse,
    "javascript": javascript_parser.parse,
    "assignments": line_parser.parse_assignments,
    "resources": line_parser.parse_resources,
    "words": line_parser.parse_words,
    "registry": line_parser.parse_registry,
}


def parse_file(data: bytes) -> ParsedMapping:
    """Parse a file in any of the syntaxes.

    Raises ``ThemeError``: ``file_too_large``, ``file_unreadable`` or, if it is something else, ``format_unknown``.
    """
    if data.startswith(binary_plist.MAGIC):
        check_size(data)
        return binary_plist.parse(data)
    text = decode(data)
    if _PAGE.match(text):
        raise unknown_format(
            "This is a web page, not a theme file. Download the file itself, such as with GitHub's Raw."
        )
    if _LUA.search(text):
        raise unknown_format(
            "This is WezTerm's configuration, which is a Lua program. Import a color scheme in TOML instead."
        )
    syntax = detect(text)
    try:
        return _PARSERS[syntax](text)
    except ThemeError:
        if syntax == "json" and _SCRIPT_OBJECT.match(text):
            script = javascript_parser.parse(text)
            if any(_is_palette(one) for one in script.values[ITEMS]):
                return script
        if syntax == "json" and text.lstrip().startswith('"'):
            return yaml_parser.parse(text)
        raise


def detect(text: str) -> str:
    """Return the name of the syntax."""
    start = text.lstrip()
    if start.startswith("<"):
        return "plist"
    if start.startswith(("Windows Registry Editor", "REGEDIT4")):
        return "registry"
    code = text[_COMMENT.match(text).end() :]  # type: ignore[union-attr]  # it matches the empty text
    if _SCRIPT.match(code):
        return "javascript"
    starts_list = code.startswith("[") and not _SECTION.fullmatch(code.partition("\n")[0].strip())
    if code.startswith("{") or starts_list or _JSON_AFTER_COMMENTS.match(text):
        return "json"
    if re.match(r'"[^"\n]{0,200}"\s*:\s*["\[{]', code):
        return "json"
    return _by_lines(text)


def _by_lines(text: str) -> str:
    """Return the syntax that most lines have."""
    lines = (line.strip() for line in text.split("\n"))
    votes: Counter[str] = Counter()
    for line in islice((line for line in lines if line), _MAX_LINES):
        if line.startswith(("!", "#define")):
            votes["resources"] += 1
        elif not line.startswith(("#", ";", "//")) and not _SECTION.fullmatch(line):
            votes[next((name for name, pattern in _LINES if pattern.match(line)), "yaml")] += 1
    if votes["toml"] and votes["toml"] >= votes["assignments"]:
        return "toml"
    return votes.most_common(1)[0][0] if votes else "yaml"


def _is_palette(values: object) -> bool:
    return isinstance(values, dict) and any(key in values for key in ("background", "backgroundColor"))
