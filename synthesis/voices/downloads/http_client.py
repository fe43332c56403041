"""Downloads files over HTTP: resumed, verified, and bounded in hosts, redirects, size and time.

Requests go to the allowed hosts only, also after a redirect (server-side request forgery). They contain
no cookies and no credentials.
"""

import hashlib
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from core.limits import registry
from synthesis.errors import VoiceError
from synthesis.voices.downloads.entries import MAX_FILE_BYTES

MAX_REDIRECTS = registry.MAX_DOWNLOAD_REDIRECTS.default
MAX_ATTEMPTS = registry.MAX_DOWNLOAD_ATTEMPTS.default
MAX_FAILURES = 5
"""Requests in succession without progress."""
IDLE_S = registry.DOWNLOAD_IDLE_S.default
CONNECT_S = 10.0
FIRST_PAUSE_S = 1.0
"""Seconds before the second request; each further pause is twice as long."""
CHUNK_BYTES = 256 * 1024
REPORT_BYTES = 1024 * 1024
QUOTA_BYTES = 64 * 1024 * 1024
"""The free space is measured again after so many bytes."""

Progress = Callable[[int, int | None], None]
"""Called with the bytes so far, and all bytes if known. It may raise to cancel the download."""


class Interrupted(Exception):  # noqa: N818 - an interruption that the next request continues
    """The connection was cut, or the server is temporarily unavailable."""


@dataclass(frozen=True, slots=True)
class Hosts:
    """The hosts to which a download may connect."""

    names: tuple[str, ...]
    """Host names; one with a leading dot matches all subdomains."""
    plain_http: tuple[str, ...] = ()
    """Hosts, with port, of a mirror that the operator configured with ``http:``."""

    def check(self, url: str) -> None:
        """Raise ``VoiceError`` ``download_refused`` if ``url`` is not on an allowed host, or not encrypted."""
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        if not any(host == name or (name.startswith(".") and host.endswith(name)) for name in self.names):
            message = (
                f"A download from the host {host or '?'} is refused: it is neither a host of the catalogs nor listed "
                "in VOICE_DOWNLOAD_HOSTS."
            )
            raise VoiceError("download_refused", message, host=host)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.netloc.lower() in self.plain_http):
            raise VoiceError("download_refused", f"A download from {host} without HTTPS is refused.", host=host)


class HttpClient:
    """Downloads from allowed hosts, through the operator's proxy."""

    def __init__(
        self,
        hosts: Hosts,
        proxy: str = "",
        *,
        space_fault: Callable[[int], str | None] = lambda _needed: None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Use ``proxy``, or else the environment's (``HTTPS_PROXY``, ``NO_PROXY``).

        :param space_fault: returns why so many more bytes cannot be stored, or ``None``.
        """
        self._hosts = hosts
        self._proxy = proxy
        self._space_fault = space_fault
        self._sleep = sleep
        self._clock = clock

    def read(self, url: str, max_bytes: int, timeout_s: float) -> bytes:
        """Return the content at ``url``. Raises ``VoiceError`` if it is larger, incomplete, or takes longer.

        :param timeout_s: from the first byte of the answer; until then ``CONNECT_S`` and ``IDLE_S`` apply.
        """
        content = bytearray()
        try:
            with self._response(url, {}) as response:
                _require(response, url, 200)
                deadline = self._clock() + timeout_s
                for chunk in response.iter_raw():
                    content += chunk
                    if len(content) > max_bytes:
                        raise VoiceError("voice_too_large", f"{url} is larger than {max_bytes} bytes.", limit=max_bytes)
                    if self._clock() > deadline:
                        raise Interrupted(f"no complete answer within {timeout_s:g} s")
        except Interrupted as error:
            raise VoiceError("download_failed", f"{_host(url)} cannot be reached: {error}.") from error
        return bytes(content)

    def size(self, url: str) -> int | None:
        """Return the bytes at ``url`` without downloading them, or ``None`` if the server does not state them."""
        try:
            with self._response(url, {}, method="HEAD") as response:
                # Some addresses are signed for GET alone.
                if response.status_code in (403, 405, 501):
                    return None
                _require(response, url, 200)
                return _length(response)
        except Interrupted as error:
            raise VoiceError("download_failed", f"{_host(url)} cannot be reached: {error}.") from error

    def download(self, url: str, path: Path, *, size: int | None, digest: str, progress: Progress) -> None:
        """Download ``url`` to ``path``; a file there is continued.

        After a cut it continues where it was cut. A file that is larger or smaller than ``size`` or
        has another digest is deleted.

        :raises VoiceError: ``download_failed`` (the part stays, to be continued), ``download_mismatch``,
            ``voice_too_large``, ``storage_full`` or ``download_refused``.
        """
        download = _Download(self, url, path, size, progress)
        continued = download.done > 0
        try:
            self._complete(download)
            if not _matches(path, digest):
                if not continued:
                    raise _mismatch(url, "its digest is not the catalog's")
                # The part can be of an older file. Start again, once.
                download.restart()
                self._complete(download)
                if not _matches(path, digest):
                    raise _mismatch(url, "its digest is not the catalog's")
        except VoiceError as error:
            if error.code != "download_failed":
                download.discard()
            raise
        except OSError as error:
            download.discard()
            raise VoiceError("storage_full", f"The download could not be stored: {error.strerror}.") from error
        download.validator_path.unlink(missing_ok=True)

    def _complete(self, download: "_Download") -> None:
        failures = 0
        for _ in range(MAX_ATTEMPTS):
            before = download.done
            try:
                if download.request():
                    return
            except Interrupted as error:
                failures = 0 if download.done > before else failures + 1
                if failures == MAX_FAILURES:
                    message = f"The download from {_host(download.url)} failed: {error}. The next attempt continues it."
                    raise VoiceError("download_failed", message) from error
                self._sleep(FIRST_PAUSE_S * 2**failures if failures else 0)
        raise VoiceError("download_failed", f"{_host(download.url)} cut the download {MAX_ATTEMPTS} times.")

    def require_space(self, needed: int) -> None:
        """Raise ``VoiceError`` ``storage_full`` if ``needed`` more bytes cannot be stored."""
        if fault := self._space_fault(needed):
            raise VoiceError("storage_full", fault)

    @contextmanager
    def response(self, url: str, headers: Mapping[str, str]) -> Iterator[Any]:
        """Yield the response to a GET request. Raises ``Interrupted``."""
        with self._response(url, headers) as response:
            yield response

    @contextmanager
    def _response(self, url: str, headers: Mapping[str, str], method: str = "GET") -> Iterator[Any]:
        """Yield the response to a request, after redirects to allowed hosts. Raises ``Interrupted``, ``VoiceError``."""
        # Imported lazily: the server does not need it until an administrator opens the catalog.
        import httpx2

        sent = {"User-Agent": "Alphanumeric", "Accept-Encoding": "identity", **headers}
        timeout = httpx2.Timeout(IDLE_S, connect=CONNECT_S)
        try:
            for _ in range(MAX_REDIRECTS + 1):
                self._hosts.check(url)
                with (
                    httpx2.Client(
                        proxy=self._proxy or None, timeout=timeout, headers=sent, verify=_ssl_context()
                    ) as client,
                    client.stream(method, url) as response,
                ):
                    if not response.has_redirect_location:
                        yield response
                        return
                    url = urljoin(url, response.headers["Location"])
        except (httpx2.TimeoutException, httpx2.TransportError) as error:
            raise Interrupted(str(error) or type(error).__name__) from error
        except (httpx2.InvalidURL, ImportError, ValueError) as error:
            raise VoiceError("download_failed", f"The address or the proxy cannot be used: {error}.") from error
        raise VoiceError("download_failed", f"{_host(url)} redirected more than {MAX_REDIRECTS} times.")


class _Download:
    """One file that is downloaded in one or more requests."""

    def __init__(self, client: HttpClient, url: str, path: Path, size: int | None, progress: Progress) -> None:
        self._client = client
        self.url = url
        self._path = path
        self._size = size
        self._progress = progress
        self.validator_path = path.with_name(path.name + ".etag")
        """Holds the entity tag of a file without a known size and digest, so that only the same file is continued."""
        self.done = path.stat().st_size if path.exists() else 0
        if self.done > (size if size is not None else MAX_FILE_BYTES):
            self.restart()

    def restart(self) -> None:
        """Delete what was downloaded."""
        self.discard()
        self.done = 0

    def discard(self) -> None:
        """Delete the files."""
        self._path.unlink(missing_ok=True)
        self.validator_path.unlink(missing_ok=True)

    def request(self) -> bool:
        """Make one request. Returns whether the file is complete. Raises ``Interrupted`` after a cut."""
        if self._size is not None and self.done == self._size:
            self._path.touch()
            self._progress(self.done, self._size)
            return True
        with self._client.response(self.url, self._continuation()) as response:
            total = self._begin(response)
            if total is None and response.status_code == 416:
                self.restart()
                return False
            if total is not None:
                self._check_size(total)
            self._client.require_space((total or self.done) - self.done)
            self._store(response, total)
        if total is not None and self.done < total:
            raise Interrupted(f"the connection was cut after {self.done} of {total} bytes")
        if self._size is not None and self.done != self._size:
            raise _mismatch(self.url, f"it has {self.done} bytes, not {self._size} as the catalog states")
        return True

    def _continuation(self) -> dict[str, str]:
        """Return the headers that ask for the rest of the file."""
        if not self.done:
            return {}
        headers = {"Range": f"bytes={self.done}-"}
        if self._size is None:
            tag = self.validator_path.read_text("ascii") if self.validator_path.exists() else ""
            if not tag:
                self.restart()
                return {}
            headers["If-Range"] = tag
        return headers

    def _begin(self, response: Any) -> int | None:
        """Return the size of the whole file if the response states it, and start again if it is not the rest."""
        if response.status_code == 416:
            return None
        if response.status_code == 206 and self.done:
            first, total = _content_range(response)
            if first == self.done:
                return total
            self.restart()
            raise Interrupted("it answered with another range than the requested one")
        _require(response, self.url, 200)
        if self.done:
            self.restart()
        tag = response.headers.get("ETag", "")
        # A weak tag does not promise the same bytes.
        if self._size is None and tag.startswith('"') and tag.isascii() and len(tag) < 200:
            self.validator_path.write_text(tag, "ascii")
        return _length(response)

    def _check_size(self, total: int) -> None:
        if self._size is not None and total != self._size:
            raise _mismatch(self.url, f"it has {total} bytes, not {self._size} as the catalog states")
        if total > MAX_FILE_BYTES:
            message = f"{self.url} is larger than {MAX_FILE_BYTES} bytes."
            raise VoiceError("voice_too_large", message, limit=MAX_FILE_BYTES)

    def _store(self, response: Any, total: int | None) -> None:
        limit = self._size if self._size is not None else total if total is not None else MAX_FILE_BYTES
        reported = measured = self.done
        self._progress(self.done, limit if total is not None or self._size is not None else None)
        with self._path.open("ab") as file:
            # Without a chunk size: httpx2 would withhold the bytes of an incomplete chunk when the connection is cut.
            for chunk in response.iter_raw():
                if self.done + len(chunk) > limit:
                    raise _mismatch(self.url, f"it has more than the stated {limit} bytes")
                file.write(chunk)
                self.done += len(chunk)
                if self.done - reported >= REPORT_BYTES:
                    reported = self.done
                    self._progress(self.done, limit if total is not None else None)
                if self.done - measured >= QUOTA_BYTES:
                    measured = self.done
                    self._client.require_space(0)
        self._progress(self.done, limit if total is not None else None)


@cache
def _ssl_context() -> ssl.SSLContext:
    """Return the context that trusts the system's certificates; building one takes some 20 ms."""
    import httpx2

    return httpx2.create_ssl_context()


def _require(response: Any, url: str, status: int) -> None:
    """Raise unless the response has this status and is not compressed."""
    code = response.status_code
    if code in (408, 425, 429) or code >= 500:
        raise Interrupted(f"it answered {code}")
    if code != status:
        raise VoiceError("download_failed", f"{_host(url)} answered {code} for {urlsplit(url).path}.", status=code)
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise VoiceError("download_failed", f"{_host(url)} compressed the answer, although that was not requested.")


def _length(response: Any) -> int | None:
    value = response.headers.get("Content-Length", "")
    return int(value) if value.isdecimal() and len(value) < 16 else None


def _content_range(response: Any) -> tuple[int | None, int | None]:
    """Return the first byte and the total of ``Content-Range: bytes 10-19/20``; ``None`` for an unknown one."""
    unit, _, rest = response.headers.get("Content-Range", "").partition(" ")
    bounds, _, total = rest.partition("/")
    first = bounds.partition("-")[0]
    if unit != "bytes" or not first.isdecimal():
        return None, None
    return int(first[:16]), int(total[:16]) if total.isdecimal() else None


def _matches(path: Path, digest: str) -> bool:
    """Return whether the file has the digest ``md5:...`` or ``sha256:...``; true for an empty one."""
    algorithm, _, expected = digest.partition(":")
    if not expected:
        return True
    # MD5 is all that Piper's catalog has: it detects damage, while HTTPS authenticates the host.
    hash_ = hashlib.new(algorithm, usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            hash_.update(chunk)
    return hash_.hexdigest() == expected


def verify(path: Path, name: str, size: int | None, digest: str) -> None:
    """Delete the file and raise ``VoiceError`` ``download_mismatch`` if it has another size or digest."""
    actual = path.stat().st_size
    if size is not None and actual != size:
        path.unlink()
        raise _mismatch(name, f"it has {actual} bytes, not {size} as the catalog states")
    if not _matches(path, digest):
        path.unlink()
        raise _mismatch(name, "its digest is not the catalog's")


def _mismatch(url: str, reason: str) -> VoiceError:
    return VoiceError("download_mismatch", f"{url.rpartition('/')[2]} was deleted: {reason}. Nothing is installed.")


def _host(url: str) -> str:
    return urlsplit(url).hostname or "?"
