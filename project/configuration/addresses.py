"""Parsers of settings that contain host names, origins and URLs. Each error says what to write instead."""

import re
from ipaddress import IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

from environs import ValidationError

from core.web.same_site import DEFAULT_PORTS

_HOST = re.compile(r"\.?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")
"""The host names that Django accepts in requests, and names with a leading dot, which match all subdomains."""


def _items(text: str) -> list[str]:
    if "[" in text and ('"' in text or "'" in text):
        raise ValidationError("Separate the items with commas, without brackets or quotes.")
    return [item for item in re.split(r"[,;\s]+", text) if item]


def parse_hosts(text: str | list[str]) -> list[str]:
    """Return the host names in ``text`` in lower case, as Django compares them: without scheme, port and slash.

    A default is returned unchanged. Raises ``ValidationError``.
    """
    return list(dict.fromkeys(map(_host, _items(text)))) if isinstance(text, str) else text


def _host(item: str) -> str:
    if item == "*":
        # The system check project.E006 explains it.
        return item
    if re.fullmatch(r"[0-9a-fA-F.:]+/\d+", item):
        raise ValidationError(f"{item} is a network. List each host name or address of this server.")
    if item.startswith("*."):
        raise ValidationError(f"Write .{item[2:]} instead of {item}: it allows all subdomains.")
    bare = _bracketed(item)
    parts = _split(bare if "//" in bare else f"//{bare}", item)
    if parts.scheme not in ("", "http", "https", "ws", "wss"):
        raise ValidationError(f"{item} is not a host name.")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValidationError(f"{item} contains a path. Set it as URL_PREFIX.")
    return _host_name(parts, item)


def _bracketed(item: str) -> str:
    """Return an IPv6 address in brackets, and any other item unchanged."""
    try:
        return f"[{item}]" if isinstance(ip_address(item), IPv6Address) else item
    except ValueError:
        return item


def _split(url: str, item: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        # It raises ValueError for an invalid port.
        _ = parts.port
    except ValueError as error:
        raise ValidationError(f"{item}: {error}.") from None
    if parts.username is not None or not parts.hostname:
        raise ValidationError(f"{item} is not a host name.")
    return parts


def _host_name(parts: SplitResult, item: str) -> str:
    name = (parts.hostname or "").rstrip(".")
    if ":" in name:
        return f"[{name}]"
    if not name.isascii():
        # Browsers send the Punycode form.
        try:
            name = name.encode("idna").decode()
        except UnicodeError:
            raise ValidationError(f"{item} is not a host name.") from None
    if not _HOST.fullmatch(name):
        hint = " Host names cannot contain underscores: give this server another name." if "_" in name else ""
        raise ValidationError(f"{item} is not a host name.{hint}")
    return name


def parse_origins(text: str | list[str]) -> list[str]:
    """Return the origins in ``text`` as browsers send them: scheme, host, and port unless it is the default.

    A default is returned unchanged. Raises ``ValidationError``.
    """
    return list(dict.fromkeys(map(_origin, _items(text)))) if isinstance(text, str) else text


def _origin(item: str) -> str:
    if "*" in item:
        raise ValidationError(f"{item} contains a wildcard. List each origin.")
    if "://" not in item:
        raise ValidationError(f"{item} has no scheme. Write an origin, such as https://{item.strip('/')}.")
    parts = _split(item, item)
    if parts.scheme not in DEFAULT_PORTS:
        raise ValidationError(f"{item} must begin with http:// or https://, the scheme of the page.")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValidationError(f"{item} contains a path. An origin has none: {parts.scheme}://{parts.netloc}.")
    port = "" if parts.port in (None, DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{_host_name(parts, item)}{port}"


def parse_listening_address(text: str) -> str:
    """Return the host name or address to listen on, IPv6 without brackets. Raises ``ValidationError``."""
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        return str(ip_address(bare))
    except ValueError:
        pass
    if not _HOST.fullmatch(bare.lower()) or bare.startswith("."):
        raise ValidationError(f"{text} is not an address or a host name. The port is set by PORT.")
    return bare


OWN_PATHS = frozenset(
    (
        *("accounts", "admin", "csp-report", "documents", "feedback", "healthz", "help", "offline", "page-metrics"),
        *("reading", "readyz", "share", "speech.wav", "spoken", "static", "themes", "v1", "voices", "ws"),
        # The dialects of the API.
        *("api", "audioformats", "info", "locales", "process", "synthesize", "v2", "version"),
    )
)
"""The first parts of the site's own paths."""


def parse_url_prefix(text: str) -> str:
    """Return the path with a slash at the beginning and none at the end. Raises ``ValidationError``."""
    path = text.strip("/")
    if not path:
        return ""
    if "://" in text or not re.fullmatch(r"[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*", path):
        raise ValidationError(f"{text} is not a path of letters, digits, hyphens and slashes. Write /voice.")
    if path.partition("/")[0] in OWN_PATHS:
        raise ValidationError(f"{text} begins like the site's own path /{path.partition('/')[0]}. Choose another name.")
    return f"/{path}"


def parse_redis_url(text: str) -> str:
    """Return the URL of a Redis or Valkey server, which have the same protocol. Raises ``ValidationError``."""
    if not text:
        return text
    text = re.sub(r"^valkey(s?)://", r"redis\1://", text)
    if not re.match(r"rediss?://[^\s/]", text):
        raise ValidationError("it must be a URL such as redis://127.0.0.1:6379/0.")
    try:
        parts = urlsplit(text)
        valid = parts.port != 0 and re.fullmatch(r"/?\d*", parts.path) and bool(parts.hostname)
    except ValueError:
        valid = False
    if not valid or re.search(r"\s", text):
        # Without the value, which can contain a password.
        raise ValidationError("its port or database is not a number. Write redis://127.0.0.1:6379/0.")
    return text


def parse_http_url(text: str) -> str:
    """Return an ``http:`` or ``https:`` URL without query and fragment. Raises ``ValidationError``."""
    if not text:
        return text
    try:
        parts = urlsplit(text)
        valid = parts.scheme in ("http", "https") and parts.port != 0 and bool(parts.hostname)
    except ValueError:
        valid = False
    if not valid or parts.query or parts.fragment or re.search(r"\s", text):
        # Without the value, which can contain a password.
        raise ValidationError("it must be a URL such as https://mirror.example.com/voices.")
    return text
