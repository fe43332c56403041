"""Fuzz targets: untrusted HTTP bodies, request heads, proxy headers and CSP reports."""

import asyncio
import json
import logging
import re
import tempfile
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, contextmanager, suppress
from io import BytesIO
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from django.core.cache import caches
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.core.handlers.asgi import ASGIRequest
from django.http.multipartparser import MultiPartParserError
from django.test import AsyncClient, RequestFactory
from django.test.utils import override_settings

from project.security.csp_reports import KNOWN_DIRECTIVES, VIOLATIONS, csp_report
from project.server.request_head import refusal
from project.server.trusted_proxies import FORWARDED_HEADERS, TrustedProxyMiddleware
from synthesis import runtime
from tests.fuzz.target import Target
from tests.fuzz.text import TEXTS

_LOOP: list[asyncio.AbstractEventLoop] = []
_BOUNDARY = "boundary7"
_PLACES = (
    ("/v1/audio/speech", "application/json"),
    ("/themes/read?name=x", "application/octet-stream"),
    ("/themes/read", f"multipart/form-data; boundary={_BOUNDARY}"),
    ("/themes/fix", "application/json"),
    ("/themes/write", "application/x-www-form-urlencoded"),
    ("/themes/write", f"multipart/form-data; boundary={_BOUNDARY}"),
    ("/", "application/x-www-form-urlencoded"),
    ("/speech.wav", "application/x-www-form-urlencoded"),
)
_REJECTED = {400, 403, 413, 415, 429}


def fuzz_http_body(data: bytes) -> None:
    """Post a body to the path selected by the first byte. Every response is complete, and none is a server error."""
    path, media = _PLACES[data[0] % len(_PLACES)] if data else _PLACES[0]
    caches["limits"].clear()
    _LOOP[-1].run_until_complete(_post(path, media, data[1:]))


async def _post(path: str, media: str, body: bytes) -> None:
    response: Any = await AsyncClient().post(path, data=body, content_type=media)
    content = b"".join([part async for part in response]) if response.streaming else response.content
    status = response.status_code
    assert status in {200, 302, 503, *_REJECTED}, f"{path} answered {status}"
    if status == 200:
        assert content
    elif response["Content-Type"] == "application/json":
        error = json.loads(content)["error"]
        assert error["code"]
        assert 0 < len(error["message"]) < 2000
        assert status != 503 or error["code"] in ("busy", "not_ready", "timeout")


@contextmanager
def _serving() -> Iterator[None]:
    """Create an event loop, and outside of tests also a database and a voice."""
    logger = logging.getLogger("django.request")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    with ExitStack() as stack:
        stack.callback(logger.setLevel, level)
        if not Environment.test:
            stack.enter_context(_voiced())
        loop = asyncio.new_event_loop()
        _LOOP.append(loop)
        stack.callback(_close_loop, loop)
        yield


def _close_loop(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel the tasks, such as the renewal of leases, and close the loop."""
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    loop.close()
    _LOOP.remove(loop)


class Environment:
    """Records whether a test's fixtures provide the database and the voice."""

    test = False


@contextmanager
def _voiced() -> Iterator[None]:
    from django.test.utils import setup_databases, setup_test_environment, teardown_databases, teardown_test_environment

    from synthesis.catalog import VoiceCatalogCache
    from synthesis.models import Voice
    from synthesis.pool.voice_cache import LoadedVoice, VoiceCache
    from synthesis.pool.worker_pool import WorkerPool
    from tests.fake_engine import ToneEngine, tone_manifest

    setup_test_environment()
    databases = setup_databases(verbosity=0, interactive=False)
    engine = ToneEngine()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "tone").mkdir()
        tone_manifest(engine).write(Path(folder) / "tone")
        Voice.objects.create(id="tone", name="Tone", language="en-US", sample_rate=8000, default=True)
        voices = VoiceCache(Path(folder), lambda _: LoadedVoice(tone_manifest(engine), engine), max_loaded=2)
        made = runtime.Runtime(WorkerPool(workers=1, max_utterances=8), voices, VoiceCatalogCache())
        before = runtime.set_runtime(made)
        yield
        made.close()
        runtime.set_runtime(before)
    teardown_databases(databases, verbosity=0)
    teardown_test_environment()


def _form(**parts: str) -> bytes:
    head = f"--{_BOUNDARY}\r\nContent-Disposition: form-data; name="
    fields = [f'{head}"{name}"\r\n\r\n{value}\r\n' for name, value in parts.items() if name != "file"]
    if "file" in parts:
        fields.append(f'{head}"file"; filename="a.json"\r\nContent-Type: text/plain\r\n\r\n{parts["file"]}\r\n')
    return "".join([*fields, f"--{_BOUNDARY}--\r\n"]).encode()


def _bodies() -> list[bytes]:
    from urllib.parse import urlencode

    from tests.fuzz.themes import TARGETS as LOOKS

    theme = LOOKS["theme-objects"].seeds()[0].decode()
    spoken: list[dict[str, object]] = [{"model": "tts-1", "voice": "tone", "input": text[:40]} for text in TEXTS[:3]]
    spoken += [{**spoken[0], "speed": 2.0, "response_format": "pcm", "stream_format": "audio"}]
    return [
        *(b"\0" + json.dumps(call).encode() for call in spoken),
        b"\1" + theme.encode(),
        b"\2" + _form(file=theme),
        b"\3" + json.dumps({"theme": json.loads(theme), "minimum_contrast": 7}).encode(),
        b"\4" + urlencode({"theme": theme, "format": "base24"}).encode(),
        b"\5" + _form(theme=theme, format="iterm2"),
        *(place + urlencode({"text": "Hello", "voice": "tone", "speed": "1.0"}).encode() for place in (b"\6", b"\7")),
    ]


def fuzz_proxy_headers(data: bytes) -> None:
    """Apply proxy headers. The input's lines are the peer's address, the scheme and headers."""
    lines = data.split(b"\n")
    peer = lines[0].decode("latin1")
    headers = [(name.strip(), value.strip()) for name, _, value in (line.partition(b":") for line in lines[2:])]
    scheme = (lines[1:] or [b"http"])[0].decode("latin1")
    scope = {"type": "http", "scheme": scheme, "client": [peer, 1], "headers": headers, "root_path": peer}
    heard: list[dict[str, Any]] = []

    async def application(scope: dict[str, Any], _receive: Any, _send: Any) -> None:
        heard.append(scope)

    _finish(
        TrustedProxyMiddleware(application, ["127.0.0.0/8", "10.0.0.0/8", "fd00::/8", "::1/128"])(scope, None, None)
    )
    after = heard[0]
    assert not any(name.lower().replace(b"_", b"-") in FORWARDED_HEADERS for name, _ in after["headers"])
    assert after["root_path"] == ""
    assert after["client"] == scope["client"] or ip_address(after["client"][0])
    assert after["scheme"] in {scheme, "https", "wss"}
    with suppress(ValueError):
        if not any(ip_address(peer) in network for network in _TRUSTED_NETWORKS):
            assert (after["client"], after["scheme"]) == (scope["client"], scheme)


def fuzz_head(data: bytes) -> None:
    """Check a request line, headers, an empty line and a body. Django reads an accepted request, or responds 400."""
    head, _, body = data.partition(b"\n\n")
    line, *lines = head.split(b"\n")
    method, target, version = (*line.split(b" ", 2), b"", b"", b"")[:3]
    headers: dict[bytes, list[bytes]] = {}
    for name, _, value in (line.partition(b":") for line in lines):
        headers.setdefault(name.strip().lower(), []).append(value.strip())
    found = refusal(method, target, version, headers)
    if found is not None:
        assert found.status.split()[0] in (b"400", b"501")
        return
    for protocol in headers.get(b"sec-websocket-protocol", []):
        protocol.decode("ascii")
    path, _, query = target.decode("ascii").partition("?")
    scope = {"type": "http", "method": method.decode("ascii"), "path": unquote(path), "query_string": query.encode()}
    scope["headers"] = [(name, value) for name, values in headers.items() for value in values]
    request = ASGIRequest(scope, BytesIO(body))
    with suppress(BadRequest, SuspiciousOperation, MultiPartParserError):
        assert request.POST is not None
    with suppress(SuspiciousOperation):
        assert request.GET is not None
    assert request.COOKIES is not None


def _heads() -> list[bytes]:
    host = b"Host: localhost\n"
    part = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--b--\r\n'
    return [
        b"GET /?a=%20 HTTP/1.1\n" + host + b"Cookie: a=b; c=\xff\nAccept: */*",
        b"GET /ws/terminal/ HTTP/1.1\n" + host + b"Upgrade: websocket\nSec-WebSocket-Protocol: a, b\nOrigin: http://a",
        b"POST /themes/read HTTP/1.1\n" + host + b"Content-Type: multipart/form-data; boundary=b\n\n" + part,
        b"POST / HTTP/1.1\n" + host + b"Content-Type: text/plain; charset=utf-8; x*=utf-8''%41\n\na=b",
        b"POST / HTTP/1.1\n" + host + b"Content-Type: application/x-www-form-urlencoded\n\na=b&c=%ff",
    ]


def _finish(running: Coroutine[Any, Any, None]) -> None:
    with suppress(StopIteration):
        running.send(None)


def _trusted_networks() -> list[Any]:
    from ipaddress import ip_network

    return [ip_network(network) for network in ("127.0.0.0/8", "10.0.0.0/8", "fd00::/8", "::1/128", "::ffff:0:0/96")]


_TRUSTED_NETWORKS = _trusted_networks()


def _proxies() -> list[bytes]:
    return [
        b"127.0.0.1\nhttp\nX-Forwarded-For: 203.0.113.9, 10.0.0.2\nX-Forwarded-Proto: https\nHost: a.example",
        b"::1\nws\nx-forwarded-for: [2001:db8::1]\nx-forwarded-for: fd00::7\nForwarded: for=1.2.3.4\nX-Real-IP: 9.9.9",
        b"::ffff:10.0.0.1\nws\nX-Forwarded-For: unknown, ::ffff:198.51.100.1\nX-Forwarded-Proto: http, https",
        b"203.0.113.5\nhttp\nX-Forwarded-For: 127.0.0.1\nX-Forwarded-Proto: https\nX-Forwarded-Host: evil.example",
        b"10.0.0.1\nhttp\nDaphne-Root-Path: /x\nDAPHNE_ROOT_PATH: /admin\nX_Forwarded_For: 1.2.3.4\nScript-Name: /x",
        b"10.0.0.1\nws\n" + b"\n".join(name + b": admin" for name in sorted(FORWARDED_HEADERS)),
    ]


_LOGGED = re.compile(
    r"CSP violation: ([a-z-]+) blocked a resource from "
    r"(inline|eval|self|data|blob|trusted-types-(sink|policy)|an unknown source|an? (https?|wss?|data|blob) URL)"
)


class _Checked(logging.Handler):
    """Checks each log message against the allowed pattern."""

    def emit(self, record: logging.LogRecord) -> None:
        found = _LOGGED.fullmatch(record.getMessage())
        self.fine = bool(found and (found[1] in KNOWN_DIRECTIVES or found[1] == "other"))

    fine = True


_HANDLER = _Checked()


def fuzz_csp_report(data: bytes) -> None:
    """Post a report: it is counted or rejected, its text is not logged, and the set of counters is bounded."""
    caches["limits"].clear()
    _HANDLER.fine = True
    answer = csp_report(RequestFactory().post("/csp-report", data, content_type="application/csp-report"))
    assert answer.status_code in {204, 400}
    assert _HANDLER.fine, "client text was logged"
    assert set(VIOLATIONS) <= {*KNOWN_DIRECTIVES, "other"}


@contextmanager
def _logging() -> Iterator[None]:
    logger = logging.getLogger("project.security.csp_reports")
    logger.addHandler(_HANDLER)
    before, logger.propagate = logger.propagate, False
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        yield
    logger.propagate = before
    logger.removeHandler(_HANDLER)


def _reports() -> list[bytes]:
    old = {
        "csp-report": {"effective-directive": "script-src-elem", "blocked-uri": "inline", "document-uri": "http://a"}
    }
    body = {"effectiveDirective": "img-src", "blockedURL": "https://evil.example/x", "disposition": "enforce"}
    new = [{"type": "csp-violation", "age": 3, "url": "http://a/", "body": body}] * 2
    return [
        json.dumps(old).encode(),
        json.dumps(new).encode(),
        json.dumps({"csp-report": {"violated-directive": "x y"}}).encode(),
    ]


TARGETS = {
    "http": Target(fuzz_http_body, _bodies, _serving),
    "proxy": Target(fuzz_proxy_headers, _proxies),
    "heads": Target(fuzz_head, _heads),
    "csp-reports": Target(fuzz_csp_report, _reports, _logging),
}
