"""Reads and validates JSON objects from untrusted files."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.limits import registry
from synthesis.errors import VoiceError
from synthesis.voice_files.file_kinds import HEAD_BYTES, recognize

MAX_BYTES = registry.MAX_VOICE_JSON_BYTES.default
_COMMENT = re.compile(r'"(?>(?:[^"\\]|\\.)*)(?:"|\\?\Z)|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)
"""A string, which can contain slashes, or a comment. Takes linear time: unterminated ones end with the file."""
_MAX_NUMERAL = 32
"""Maximum characters of a number that is written as a string."""


def read_object(path: Path, part: str) -> dict[str, Any]:
    """Return the JSON object in ``path``, which messages call ``part``.

    Comments (``//`` and ``/* */``) are skipped, as Coqui does.

    :raises VoiceError: if the file is missing, over 4 MiB, not JSON, or not an object; the message
    names what it is instead, if known.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise VoiceError("voice_invalid", f"{part} cannot be read.") from error
    if len(content) > MAX_BYTES:
        raise VoiceError("voice_too_large", f"{part} is larger than {MAX_BYTES} bytes.", limit=MAX_BYTES)
    try:
        value = _parsed(content)
    except (ValueError, RecursionError) as error:
        kind = recognize(content[:HEAD_BYTES]) or "is not JSON"
        raise VoiceError("voice_invalid", f"{part} {kind}.") from error
    if not isinstance(value, dict):
        raise VoiceError("voice_invalid", f"{part} is not a JSON object.")
    return value


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        text = content.decode(json.detect_encoding(content))
        return json.loads(_COMMENT.sub(lambda match: match[0] if match[0][0] == '"' else " ", text))


def section(values: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return the object under ``key``, empty if it is missing or null."""
    value = values.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise VoiceError("voice_invalid", f'"{key}" is not an object.', param=key)
    return value


def integer(values: Mapping[str, Any], key: str, default: int | None, low: int, high: int) -> int:
    """Return the integer under ``key``, from ``low`` to ``high``; required unless there is a default.

    A string that is a numeral counts as the number, as some exporters write numbers so.
    """
    value = _number(_present(values, key, default))
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise VoiceError("voice_invalid", f'"{key}" is not a whole number from {low} to {high}.', param=key)
    return value


def number(values: Mapping[str, Any], key: str, default: float | None, low: float, high: float) -> float:
    """Return the number under ``key``, from ``low`` to ``high``; required unless there is a default."""
    value = _number(_present(values, key, default))
    right_type = isinstance(value, int | float) and not isinstance(value, bool)
    # NaN fails the comparison, too.
    if not right_type or not low <= value <= high:
        raise VoiceError("voice_invalid", f'"{key}" is not a number from {low:g} to {high:g}.', param=key)
    return float(value)


def text(values: Mapping[str, Any], key: str, default: str | None, longest: int = 100) -> str:
    """Return the string under ``key``: printable, at most ``longest`` characters; required without a default."""
    value = _present(values, key, default)
    if not isinstance(value, str) or len(value) > longest or not value.isprintable():
        raise VoiceError("voice_invalid", f'"{key}" is not a string of at most {longest} characters.', param=key)
    return value


def flag(values: Mapping[str, Any], key: str, *, default: bool) -> bool:
    """Return the boolean under ``key``; 0, 1, ``"true"`` and ``"false"`` count as booleans."""
    value = _present(values, key, default)
    if isinstance(value, int | str):
        value = {"true": True, "1": True, "false": False, "0": False}.get(str(value).lower(), value)
    if not isinstance(value, bool):
        raise VoiceError("voice_invalid", f'"{key}" is not a boolean.', param=key)
    return value


def _number(value: Any) -> Any:
    """Return the number that the string ``value`` writes; any other value as it is."""
    if not isinstance(value, str) or len(value) > _MAX_NUMERAL:
        return value
    try:
        return float(value)
    except ValueError:
        return value


def _present(values: Mapping[str, Any], key: str, default: Any) -> Any:
    value = values.get(key)
    value = default if value is None else value
    if value is None:
        raise VoiceError("voice_invalid", f'"{key}" is missing.', param=key)
    return value
