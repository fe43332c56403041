"""The configuration: environment variables, then the file ``$XDG_CONFIG_HOME/alphanumeric/client.toml``."""

import json
import os
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from alphanumeric_client.errors import ClientError, Exit

DEFAULT_URL = "http://127.0.0.1:8000"
KEYS = ("url", "token", "voice", "speed")
OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Config:
    """What the command needs to know; ``token`` may be empty."""

    url: str = DEFAULT_URL
    token: str = ""
    voice: str = ""
    speed: str = ""


def path(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the path of the file."""
    if named := environment.get("ALPHANUMERIC_CONFIG"):
        return Path(named)
    return home(environment) / "alphanumeric" / "client.toml"


def home(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of the user's configuration files."""
    base = Path(environment.get("XDG_CONFIG_HOME", ""))
    # The XDG specification requires relative paths to be ignored.
    return base if base.is_absolute() else Path.home() / ".config"


def load(environment: Mapping[str, str] = os.environ) -> Config:
    """Return the configuration. Raises ``ClientError`` if the file is malformed, or others can read its token."""
    file = path(environment)
    fields = _read(file)
    for key in KEYS:
        if value := environment.get(f"ALPHANUMERIC_{key.upper()}"):
            fields[key] = value
    config = Config(**{key: str(value) for key, value in fields.items() if value not in (None, "")})
    address = urlsplit(config.url)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise ClientError(Exit.CONFIGURATION, f"The address {config.url!r} is not a URL such as {DEFAULT_URL}.")
    return config


def save(key: str, value: str, environment: Mapping[str, str] = os.environ) -> Path:
    """Store one value, and return the path of the file, which only its owner can read. An empty value removes it."""
    file = path(environment)
    fields = {**_read(file), key: value}
    lines = [f"{name} = {json.dumps(str(fields[name]))}\n" for name in KEYS if fields.get(name)]
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        written = file.with_name(f".{file.name}.{os.getpid()}")
        descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.writelines(lines)
        written.replace(file)
    except OSError as error:
        raise ClientError(Exit.CONFIGURATION, f"{file} cannot be written: {error.strerror}.") from None
    return file


def _read(file: Path) -> dict[str, object]:
    try:
        with file.open("rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            fields = tomllib.load(opened)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ClientError(Exit.CONFIGURATION, f"{file} cannot be read: {error}.") from None
    if fields.get("token") and os.name == "posix" and mode & OTHERS:
        raise ClientError(Exit.CONFIGURATION, f"Other users can read the token in {file}. Run: chmod 600 {file}")
    if unknown := fields.keys() - set(KEYS):
        raise ClientError(Exit.CONFIGURATION, f"{file} has unknown keys: {', '.join(sorted(unknown))}.")
    return fields
