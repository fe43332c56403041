"""Fetches a document from a URL: the connection goes to an address that was checked (DNS rebinding)."""

import asyncio
import codecs
import re
import socket
import ssl
import zlib
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.message import Message
from functools import cache, partial
from pathlib import PurePosixPath

import httpcore2
import httpx2

from core.limits import registry
from documents.errors import DocumentError
from documents.fetching.addresses import AddressPolicy

MAX_URL = registry.MAX_URL_CHARACTERS.default
MAX_REDIRECTS = registry.MAX_URL_REDIRECTS.default
TOTAL_S = registry.URL_TIMEOUT_S.default
IDLE_S = registry.URL_IDLE_S.default
CONNECT_S = 5.0
"""Seconds for name resolution, and for the connection to each address."""
MAX_ADDRESSES = 4
"""Addresses of one name to which a connection is tried."""
USER_AGENT = b"Alphanumeric (reads documents aloud on request of a user)"
PORTS = {"http": 80, "https": 443}
TYPES = {
    "application/epub+zip": "epub",
    "application/octet-stream": "",
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/x-pdf": "pdf",
    "application/x-subrip": "srt",
    "application/xhtml+xml": "html",
    "binary/octet-stream": "",
    "text/html": "html",
    "text/markdown": "md",
    "text/plain": "",
    "text/x-markdown": "md",
}
"""The media types that are fetched, with the extension of their files; empty: that of the URL."""
_TEXTS = ("html", "md", "srt", "txt", "")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_.])?|[0-9a-f:]{2,39}(?:[0-9.]{7,15})?", re.I)
_EXTENSION = re.compile(r"\.([a-z0-9]{1,10})")
_CHARSETS = re.compile(
    r"iso-?8859-\d{1,2}|latin-?1|windows-125\d|cp125\d|koi8-[ru]|shift_jis|euc-(?:jp|kr)|gb(?:k|2312|18030)|big5"
)
"""Encodings other than UTF-8 that pages use; Python has others, which are no encodings of text."""
_REDIRECTS = (301, 302, 303, 307, 308)

_resolvers = ThreadPoolExecutor(registry.MAX_FETCHES.default, "resolve")

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""Returns the addresses of a host name. Raises ``OSError``."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """The content at a URL, and the extension of its type."""

    data: bytes
    extension: str


async def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of ``host``, as the system resolves it. Raises ``OSError``."""
    loop = asyncio.get_running_loop()
    # Threads of their own: a name server that does not answer delays other fetches only.
    query = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await loop.run_in_executor(_resolvers, query)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class CheckedBackend(httpcore2.AsyncNetworkBackend):
    """Resolves each name once, checks all its addresses, and connects to one of them.

    The client above keeps the name for the ``Host`` header, for SNI, and for the certificate.
    """

    def __init__(self, policy: AddressPolicy, resolve: Resolve) -> None:
        self._policy = policy
        self._resolve = resolve
        self._backend = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature of the base class
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to a checked address of ``host``. Raises ``DocumentError``."""
        failure: Exception | None = None
        for address in await self._addresses(host, port):
            try:
                return await self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise _unreachable(host) from failure

    async def _addresses(self, host: str, port: int) -> list[str]:
        try:
            async with asyncio.timeout(CONNECT_S):
                found = await self._resolve(host, port)
        # UnicodeError: a label is too long for the codec of the resolver.
        except (OSError, UnicodeError) as error:
            raise DocumentError("url_unreachable", f"The host {host} was not found. Check the address.") from error
        # A name with private and public addresses is refused, too: it may be an attempt at DNS rebinding.
        if not found or not all(map(self._is_permitted, found)):
            raise DocumentError(
                "url_private",
                f"The host {host} is in a private network, which this server does not contact. "
                "Save the page as a file, and open that.",
            )
        return found[:MAX_ADDRESSES]

    def _is_permitted(self, address: str) -> bool:
        if not self._policy.permits(address):
            return False
        # The server itself may have a public address: there it would trust its own connection.
        return self._policy.is_exempt(address) or not is_own(address)


def is_own(address: str) -> bool:
    """Return whether ``address`` is one of this machine; no packet is sent."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((address, 9))
        except OSError:
            # Without a route, there will be no connection either.
            return False
        return bool(probe.getsockname()[0] == address)


@cache
def _ssl_context() -> ssl.SSLContext:
    """Return the context that trusts the system's certificates; building one takes some 20 ms."""
    return httpx2.create_ssl_context()


class Fetcher:
    """Fetches a bounded number of documents at a time."""

    def __init__(
        self,
        policy: AddressPolicy,
        ports: Iterable[int] = (80, 443),
        *,
        resolve: Resolve = resolve,
        ssl_context: Callable[[], ssl.SSLContext] = _ssl_context,
        total_s: float = TOTAL_S,
        idle_s: float = IDLE_S,
    ) -> None:
        self._backend = CheckedBackend(policy, resolve)
        self._ports = frozenset(ports)
        self._ssl_context = ssl_context
        self._total_s = total_s
        self._timeouts = {"connect": CONNECT_S, "read": idle_s, "write": idle_s, "pool": idle_s}

    async def fetch(self, url: str, most: int) -> Fetched:
        """Return the content at ``url``, at most ``most`` bytes. Raises ``DocumentError``."""
        try:
            async with asyncio.timeout(self._total_s):
                return await self._follow(url, most)
        except (TimeoutError, httpcore2.TimeoutException) as error:
            raise DocumentError("url_timeout", "The page did not arrive in time. Try again later.") from error
        except httpcore2.ConnectError as error:
            # The connection itself has succeeded: this is TLS.
            message = "A secure connection to the page's server is not possible: its certificate is not valid."
            raise DocumentError("url_unreachable", message) from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.UnsupportedProtocol) as error:
            raise DocumentError("url_failed", "The page's server broke the connection off. Try again later.") from error

    async def _follow(self, url: str, most: int) -> Fetched:
        context = await asyncio.to_thread(self._ssl_context)
        target = self.check(url)
        for _ in range(MAX_REDIRECTS + 1):
            # A pool for each request: a connection serves no other host.
            async with httpcore2.AsyncConnectionPool(context, network_backend=self._backend, http2=False) as pool:
                answer = await self._request(pool, target, most)
            if isinstance(answer, Fetched):
                return answer
            target = self.check(answer, target)
        raise DocumentError("url_redirects", f"The address redirects more than {MAX_REDIRECTS} times. Check it.")

    def check(self, url: str, base: httpx2.URL | None = None) -> httpx2.URL:
        """Return the parsed URL, resolved against ``base``. Raises ``DocumentError`` if it may not be fetched."""
        # Browsers and servers read a backslash differently.
        if len(url) > MAX_URL or "\\" in url:
            raise _invalid()
        try:
            target = base.join(url) if base is not None else httpx2.URL(url)
        except (httpx2.InvalidURL, ValueError, UnicodeError) as error:
            raise _invalid() from error
        host = target.raw_host.decode("ascii")
        if target.scheme not in PORTS or not _HOST.fullmatch(host):
            raise _invalid()
        if target.userinfo:
            raise DocumentError("url_credentials", "The address contains a user name or a password. Remove it.")
        port = target.port or PORTS[target.scheme]
        if port not in self._ports:
            allowed = " and ".join(map(str, sorted(self._ports)))
            raise DocumentError("url_port", f"The port {port} is not allowed; allowed are {allowed}.")
        return target

    async def _request(self, pool: httpcore2.AsyncConnectionPool, target: httpx2.URL, most: int) -> Fetched | str:
        """Return the content, or the address to which it redirects."""
        port = target.port or PORTS[target.scheme]
        # From the parsed parts: a second parser could find another host.
        url = httpcore2.URL(scheme=target.raw_scheme, host=target.raw_host, port=port, target=target.raw_path)
        sent = [
            (b"Host", target.netloc),
            (b"User-Agent", USER_AGENT),
            (b"Accept", ", ".join(TYPES).encode()),
            (b"Accept-Encoding", b"gzip"),
            (b"Connection", b"close"),
        ]
        async with pool.stream("GET", url, headers=sent, extensions={"timeout": self._timeouts}) as response:
            # The first one of a name, as browsers take it.
            headers = {name.decode().lower(): value.decode("latin-1") for name, value in reversed(response.headers)}
            if response.status in _REDIRECTS and "location" in headers:
                return headers["location"]
            if response.status != 200:
                message = f"The server of {_host(target)} answered {response.status}. Check the address."
                raise DocumentError("url_status", message, status=response.status)
            extension, charset = _type(headers.get("content-type", ""), target)
            packed = _is_packed(headers.get("content-encoding", ""))
            data = await _body(response, headers.get("content-length", ""), most)
        return Fetched(await asyncio.to_thread(_decode, data, charset, most, packed=packed), extension)


async def _body(response: httpcore2.Response, length: str, most: int) -> bytes:
    if length.isascii() and length.isdigit() and (len(length) > 15 or int(length) > most):
        raise _too_large(most)
    data = bytearray()
    async for part in response.aiter_stream():
        data += part
        if len(data) > most:
            raise _too_large(most)
    return bytes(data)


def _type(content_type: str, target: httpx2.URL) -> tuple[str, str]:
    """Return the extension of the content, and its encoding if it must be converted. Raises ``DocumentError``."""
    header = Message()
    header["Content-Type"] = content_type or "application/octet-stream"
    kind = header.get_content_type()
    if content_type and kind not in TYPES:
        message = f"The type {kind[:100]} cannot be opened. Open a text, HTML, PDF, EPUB or DOCX file."
        raise DocumentError("document_type_unsupported", message)
    extension = TYPES.get(kind, "")
    if not extension:
        named = _EXTENSION.fullmatch(PurePosixPath(target.path).suffix.lower())
        extension = named[1] if named else ""
    charset = str(header.get_content_charset("")).lower()
    return extension, charset if extension in _TEXTS and _CHARSETS.fullmatch(charset) else ""


def _is_packed(encoding: str) -> bool:
    encoding = encoding.strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise DocumentError("url_failed", "The page's server compressed the page in a way that was not requested.")
    return encoding.endswith("gzip")


def _decode(data: bytes, charset: str, most: int, *, packed: bool) -> bytes:
    """Return the content decompressed, to at most ``most`` bytes (decompression bomb), and as UTF-8."""
    if packed:
        unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
        try:
            data = unpacker.decompress(data, most + 1)
        except zlib.error as error:
            raise DocumentError("url_failed", "The page is damaged. Try again later.") from error
        if len(data) > most:
            raise _too_large(most)
        if not unpacker.eof:
            raise DocumentError("url_failed", "The page is incomplete. Try again later.")
    if charset and not data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode(charset, "replace").encode()
    return data


def _host(target: httpx2.URL) -> str:
    return target.raw_host.decode("ascii")


def _invalid() -> DocumentError:
    message = "This is not the address of a page. Copy it from the browser: it begins with https:// or http://."
    return DocumentError("url_invalid", message)


def _unreachable(host: str) -> DocumentError:
    return DocumentError(
        "url_unreachable", f"The host {host} cannot be reached. Check the address, or try again later."
    )


def _too_large(most: int) -> DocumentError:
    return DocumentError("document_too_large", f"The page has more than {most // 2**20} MB, the limit.", limit=most)
