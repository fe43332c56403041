"""Environment variables and the file ``.env``: trimmed values, and warnings about misspelled names."""

import difflib
import io
import math
import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from dotenv import dotenv_values
from environs import Env, ValidationError

from core.limits.registry import Limit, Number
from project.configuration.addresses import (
    parse_hosts,
    parse_http_url,
    parse_listening_address,
    parse_origins,
    parse_redis_url,
    parse_url_prefix,
)
from project.configuration.database import parse_database_url
from project.security.admin_networks import parse_networks

VERBATIM = "SECRET_KEY"
"""The setting whose value is not trimmed: existing sessions are signed with it as it is."""
SIMILARITY = 0.84
"""Ratio of ``difflib`` above which a name is taken for a misspelled one: one or two letters of ten differ."""
MIN_LENGTH = 8
"""Characters. Shorter names have similar ones that other programs use (``HOST`` and ``HOME``)."""
UNBOUNDED = 10**9
DJANGO_NAMES = {
    "CSRF_TRUSTED_ORIGINS": "TRUSTED_ORIGINS",
    "SECURE_PROXY_SSL_HEADER": "TRUSTED_PROXIES",
    "SECURE_SSL_REDIRECT": "BEHIND_TLS_PROXY",
    "FORWARDED_ALLOW_IPS": "TRUSTED_PROXIES",
    "CACHE_URL": "REDIS_URL",
    "FORCE_SCRIPT_NAME": "URL_PREFIX",
    "SCRIPT_NAME": "URL_PREFIX",
    "POSTGRES_URL": "DATABASE_URL",
    "VALKEY_URL": "REDIS_URL",
}
"""Settings of Django and other servers, with the settings that do their work here."""


class Environment(Env):
    """Environs' ``Env`` with trimmed values. A blank value counts as not set."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        """All names that were read."""
        for name, parse in PARSERS.items():
            self.add_parser(name, parse)

    def limit(self, name: str, limit: Limit[Number]) -> Number:
        """Read a limit that the registry declares, within its bounds."""
        parse = self.integer if isinstance(limit.default, int) else self.number
        value: Number = parse(name, limit.default, least=limit.least, most=limit.most or UNBOUNDED)
        return value

    @property
    def given(self) -> Mapping[str, str]:
        """Return the environment over the file."""
        return {**self._environ, **os.environ}

    @property
    def in_file(self) -> Iterable[str]:
        """Return the names in the file."""
        return tuple(self._environ)

    def _load_dotenv(self, path: Any, *, override: bool = False) -> None:
        try:
            # Windows editors begin a file with a byte order mark.
            text = Path(path).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise ImproperlyConfigured(f"The file {path} cannot be read: {reason}.") from None
        values = dotenv_values(stream=io.StringIO(text))
        self._environ.update({name: value for name, value in values.items() if value is not None})

    def _get_value(self, env_key: str, default: Any) -> Any:
        self.names.add(env_key)
        value = super()._get_value(env_key, default)
        if not isinstance(value, str):
            return value
        trimmed = trim(value)
        if not trimmed:
            return default
        return value if env_key == VERBATIM else trimmed


def trim(value: str) -> str:
    """Return ``value`` without white space around it, and without quotes, which Docker's ``--env-file`` keeps."""
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1].strip()
    return value


def parse_list(text: str | list[str]) -> list[str]:
    """Split a list at commas and white space, without empty items. A default is returned unchanged."""
    return text.replace(",", " ").split() if isinstance(text, str) else text


def _parse_choice(text: str, *, choices: tuple[str, ...]) -> str:
    for choice in choices:
        if text.casefold() == choice.casefold():
            return choice
    raise ValidationError(f"{text!r} is not one of {', '.join(choices)}.")


def _parse_choices(text: str | list[str], *, choices: tuple[str, ...]) -> list[str]:
    """Return the listed choices, each once; ``none`` alone is the empty list."""
    names = parse_list(text)
    if [name.casefold() for name in names] == ["none"]:
        return []
    return list(dict.fromkeys(_parse_choice(name, choices=choices) for name in names))


def _parse_number(text: str | float, *, least: float, most: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    # A comparison with NaN is false.
    if not least <= number <= most:
        raise ValidationError(f"{text!r} is not a number from {least:,g} to {most:,g}.")
    return number


def _parse_integer(text: str | int, *, least: int, most: int | None = None) -> int:
    try:
        number = int(text)
    except ValueError:
        number = None
    if number is None or number < least or (most is not None and number > most):
        wanted = f"from {least} to {most}" if most is not None else f"of at least {least}"
        raise ValidationError(f"{text!r} is not a whole number {wanted}.")
    return number


def _parse_networks(text: str | list[str]) -> list[str]:
    names = parse_list(text)
    parse_networks(names)
    return names


def _parse_ports(text: str | list[int]) -> list[int]:
    names = parse_list(text) if isinstance(text, str) else text
    return [_parse_integer(name, least=1, most=65_535) for name in names]


def _parse_processes(text: str) -> str:
    if not re.fullmatch(r"auto|[1-9]\d{0,2}", text.casefold()):
        raise ValidationError(f"{text!r} is not a number from 1 to 999, or auto.")
    return text.casefold()


PARSERS: Mapping[str, Callable[..., Any]] = {
    "hosts": parse_hosts,
    "origins": parse_origins,
    "networks": _parse_networks,
    "ports": _parse_ports,
    "processes": _parse_processes,
    "listening_address": parse_listening_address,
    "redis_url": parse_redis_url,
    "http_url": parse_http_url,
    "url_prefix": parse_url_prefix,
    "database_url": parse_database_url,
    "choice": _parse_choice,
    "choices": _parse_choices,
    "number": _parse_number,
    "integer": _parse_integer,
}


def misspelled(given: Iterable[str], in_file: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """Return misspelled names, each with the setting that was probably meant.

    The project's file has no other purpose, so every name in it that is no setting is returned, with ``""`` if it
    resembles none.
    """
    settings = sorted(known)
    own = set(in_file)
    found = {}
    for name in sorted({*given, *own} - set(settings)):
        meant = _resembled(name, settings)
        if meant or name in own:
            found[name] = meant
    return found


def _resembled(name: str, settings: list[str]) -> str:
    upper = name.upper().lstrip("\ufeff")
    if upper in DJANGO_NAMES:
        return DJANGO_NAMES[upper]
    if upper in settings and (upper == name or "_" in upper):
        return upper
    # A prefix of other projects: DJANGO_ALLOWED_HOSTS.
    for prefix in ("DJANGO_", "ALPHANUMERIC_"):
        if upper.removeprefix(prefix) in settings and upper.startswith(prefix):
            return upper.removeprefix(prefix)
    # All letters must occur, so that hyphens and missing underscores do not matter.
    plain = {setting.replace("_", ""): setting for setting in settings if len(setting) >= MIN_LENGTH}
    close = difflib.get_close_matches(upper.replace("_", "").replace("-", ""), plain, n=1, cutoff=SIMILARITY)
    return plain[close[0]] if close else ""
