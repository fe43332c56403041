"""Verbalizes web and e-mail addresses, host names and file paths."""

import re

from synthesis.text.normalization.english.numbers import cardinal, digits, integer
from synthesis.text.normalization.english.spelling import spell_code, verbalize_parts
from synthesis.text.normalization.semiotics import SILENT_SCHEMES

URL = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]{1,15})://([^/?#\s]*+)([^?#\s]*+)(?>(\?[^#\s]*+)?)(?>(#\S*+)?)")
EMAIL = re.compile(r"(?:mailto:)?([\w.+-]+)@([\w-]+(?:\.[\w-]+)+)", re.ASCII)
REMOTE = re.compile(rf"{EMAIL.pattern}:([\w./~+-]{{1,200}})", re.ASCII)
HOST = re.compile(
    r"((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+"
    r"(?:com|org|net|io|dev|edu|gov|mil|info|biz|ai|app|co|me|tv|local|uk|de|fr|es|it|nl|eu|us|ca|au|ch|at|se|no|in|jp|cn"
    r"|internal|cloud|xyz|tech|online|site)(?::\d{1,5})?)(/[^?#\s]*)?(\?[^#\s]*)?(#\S*)?",
    re.IGNORECASE | re.ASCII,
)
LOCAL = re.compile(r"(localhost(?::\d{1,5})?)(/[^?#\s]*)?(\?[^#\s]*)?(#\S*)?")
ADDRESS = re.compile(r"(\d{1,3}(?:\.\d{1,3}){3})(?::(\d{1,5}))?(?:/(\d{1,2}))?")
PATH = re.compile(r"(~|\.{1,2}|[A-Za-z]:(?=\\)|[\w.@+-]+)?((?:[/\\][\w.@+=,%~-]*)+)(?::(\d+)(?::(\d+))?)?")
FILE = re.compile(r"(\.?[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)+|\.[a-z][\w-]+)(?::(\d+)(?::(\d+))?)?", re.ASCII)
HASH = re.compile(r"(?=[a-f]*\d)(?=\d*[a-f])(?:[0-9a-f]{7,64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_CODE = re.compile(r"(?=\S*\d)[\w-]{21,}")
_SEGMENTS = 8
_QUERY = 24
_SIGNS = {".": "dot", "+": "plus", "_": "underscore", "-": "dash"}
_SAID = {"~": "home", "..": "dot dot", ".": "dot"}


def _segment(text: str) -> str:
    if HASH.fullmatch(text) or _CODE.fullmatch(text):
        return spell_code(text)
    return (
        f"dot {verbalize_parts(text[1:])}"
        if text.startswith(".") and len(text) > 1
        else verbalize_parts(text.replace("=", " equals "))
    )


def _slashes(path: str) -> str:
    segments = [segment for segment in re.split(r"[/\\]+", path) if segment]
    slash = "backslash" if path.startswith("\\") else "slash"
    return " ".join(f"{slash} {_segment(segment)}" for segment in segments[:_SEGMENTS])


def _host(text: str) -> str:
    name, _, port = text.rpartition("@")[2].partition(":")
    said = " dot ".join(
        "W W W" if part == "www" else verbalize_parts(part.replace("-", " dash ")) for part in name.split(".") if part
    )
    return f"{said} port {integer(port)}" if port.isdecimal() else said


def _query(text: str) -> str:
    """Verbalize a short query string; omit a long one, which is not meant for people."""
    if not 1 < len(text) <= _QUERY:
        return ""
    return f"question mark {verbalize_parts(text[1:].replace('&', ' and ').replace('=', ' equals '))}"


def _anchor(text: str) -> str:
    return f"hash {verbalize_parts(text[1:])}" if 1 < len(text) <= _QUERY else ""


def _join(*spoken: str) -> str:
    return " ".join(filter(None, spoken))


def host(match: re.Match[str]) -> str:
    """Verbalize a match of ``HOST`` or ``LOCAL``: ``example.com/docs``."""
    name, path, query, anchor = match.groups(default="")
    return _join(_host(name), _slashes(path), _query(query), _anchor(anchor))


def url(match: re.Match[str]) -> str:
    """Verbalize a match of ``URL``, without its scheme unless that is rare."""
    scheme, name, path, query, anchor = match.groups(default="")
    named = "" if scheme.lower() in SILENT_SCHEMES else verbalize_parts(scheme)
    return _join(named, _host(name), _slashes(path), _query(query), _anchor(anchor)) or verbalize_parts(scheme)


def _user(text: str) -> str:
    """Return a part of a user's name: its digits are said one by one."""
    return " ".join(
        digits(part) if part.isdecimal() else verbalize_parts(part) for part in re.findall(r"\d+|\D+", text)
    )


def email(match: re.Match[str]) -> str:
    """Verbalize a match of ``EMAIL``: ``alice@example.com`` is ``alice at example dot com``."""
    name = [_SIGNS.get(part) or _user(part) for part in re.split(r"([.+_-])", match[1])]
    return _join(*name, "at", _host(match[2]))


def remote(match: re.Match[str]) -> str:
    """Verbalize a match of ``REMOTE``, an address of scp and git: ``git@example.com:user/repo.git``."""
    return _join(email(match), _slashes(match[3]))


def address(match: re.Match[str]) -> str:
    """Verbalize a match of ``ADDRESS``: an IPv4 address."""
    said = " dot ".join(cardinal(int(number)) for number in match[1].split("."))
    port = f" port {integer(match[2])}" if match[2] else ""
    return said + port + (f" slash {cardinal(int(match[3]))}" if match[3] else "")


def _line(match: re.Match[str], group: int) -> str:
    line, column = match[group], match[group + 1]
    return (f"line {integer(line)}" if line else "") + (f" column {integer(column)}" if column else "")


def path(match: re.Match[str]) -> str | None:
    """Verbalize a match of ``PATH``, or return ``None`` for two words with a slash between them."""
    first, rest = match[1] or "", match[2]
    if first and re.fullmatch(r"[A-Za-z']+/[A-Za-z']+", first + rest):
        return verbalize_parts(first + rest)
    if first and re.fullmatch(r"\d.*", first):
        return None
    start = _SAID.get(first) or (_segment(first.rstrip(":")) if first else "")
    return _join(start, _slashes(rest), _line(match, 3)) or None


def file(match: re.Match[str]) -> str:
    """Verbalize a match of ``FILE``: ``main.py:42`` is ``main dot py line forty two``."""
    name = match[1]
    return _join("dot" if name.startswith(".") else "", verbalize_parts(name.lstrip(".")), _line(match, 2))


def hashed(match: re.Match[str]) -> str:
    """Verbalize a match of ``HASH``: the first characters, as usual for a commit."""
    return spell_code(match[0])
