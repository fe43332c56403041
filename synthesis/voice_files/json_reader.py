"""Reads and validates JSON objects from untrusted files."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from synthesis.errors import VoiceError

MAX_BYTES = 4 * 1024 * 1024


def read_object(path: Path, part: str) -> dict[str, Any]:
    """Return the JSON object in ``path``, which messages call ``part``.

    :raises VoiceError: if the file is missing, over 4 MiB, not JSON, or not an object.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise VoiceError("voice_invalid", f"{part} cannot be read.") from error
    if len(content) > MAX_BYTES:
        raise VoiceError("voice_too_large", f"{part} is larger than {MAX_BYTES} bytes.", limit=MAX_BYTES)
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise VoiceError("voice_invalid", f"{part} is not JSON.") from error
    if not isinstance(value, dict):
        raise VoiceError("voice_invalid", f"{part} is not a JSON object.")
    return value


def section(values: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return the object under ``key``, empty if it is missing or null."""
    value = values.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise VoiceError("voice_invalid", f'"{key}" is not an object.', param=key)
    return value


def integer(values: Mapping[str, Any], key: str, default: int | None, low: int, high: int) -> int:
    """Return the integer under ``key``, from ``low`` to ``high``; required unless there is a default."""
    value = _present(values, key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise VoiceError("voice_invalid", f'"{key}" is not a whole number from {low} to {high}.', param=key)
    return value


def number(values: Mapping[str, Any], key: str, default: float | None, low: float, high: float) -> float:
    """Return the number under ``key``, from ``low`` to ``high``; required unless there is a default."""
    value = _present(values, key, default)
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
    """Return the boolean under ``key``."""
    value = _present(values, key, default)
    if not isinstance(value, bool):
        raise VoiceError("voice_invalid", f'"{key}" is not a boolean.', param=key)
    return value


def _present(values: Mapping[str, Any], key: str, default: Any) -> Any:
    value = values.get(key)
    value = default if value is None else value
    if value is None:
        raise VoiceError("voice_invalid", f'"{key}" is missing.', param=key)
    return value
