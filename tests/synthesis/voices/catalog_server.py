"""A local HTTP server with the layout of a mirror, whose connections and answers a test can damage."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote

from tests.synthesis.voices.piper_voices import PiperVoice

ALAN = "en_GB-alan-medium"
FOLDER = "en/en_GB/alan/medium"
CARD = b"# Model card\n\n* Language: en_GB\n\n## Dataset\n\n* URL: https://example.org\n* License: CC0-1.0\n"


def piper_entry(name: str, files: Mapping[str, bytes], /, **changes: Any) -> dict[str, Any]:
    """Return an entry of ``voices.json`` as the repository has it; files by path."""
    code, title, quality = name.split("-")
    family, region = code.split("_")
    return {
        "key": name,
        "name": title,
        "language": {
            "code": code,
            "family": family,
            "region": region,
            "name_native": {"en": "English", "es": "Español"}.get(family, family),
            "name_english": {"en": "English", "es": "Spanish"}.get(family, family),
            "country_english": {"GB": "Great Britain", "ES": "Spain"}.get(region, region),
        },
        "quality": quality,
        "num_speakers": 1,
        "speaker_id_map": {},
        "files": {
            path: {"size_bytes": len(content), "md5_digest": hashlib.md5(content, usedforsecurity=False).hexdigest()}
            for path, content in files.items()
        },
        "aliases": [],
        **changes,
    }


def alan_files(voice: PiperVoice | None = None) -> dict[str, bytes]:
    """Return the files of ``en_GB-alan-medium`` by path: those of ``voice``, or short ones that are no voice."""
    model, config = (voice.onnx.read_bytes(), voice.json.read_bytes()) if voice else (bytes(range(120)), b"{}")
    return {
        f"{FOLDER}/{ALAN}.onnx": model,
        f"{FOLDER}/{ALAN}.onnx.json": config,
        f"{FOLDER}/MODEL_CARD": CARD,
    }


def coqui_catalog(**models: Mapping[str, Any]) -> bytes:
    """Return a ``.models.json``; ``ca_custom_vits={...}`` is ``tts_models/ca/custom/vits``."""
    tree: dict[str, Any] = {}
    for name, values in models.items():
        language, data_set, model = name.split("_")
        tree.setdefault(language, {}).setdefault(data_set, {})[model] = values
    return json.dumps({"tts_models": tree}).encode()


@dataclass
class Mirror:
    """The files of the server, by path, and how it misbehaves."""

    files: dict[str, bytes] = field(default_factory=dict)
    url: str = ""
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    """Method, path and ``Range`` of each request."""
    cuts: list[int] = field(default_factory=list)
    """After how many bytes the connections of the next requests are cut."""
    redirects: dict[str, str] = field(default_factory=dict)
    status: dict[str, list[int]] = field(default_factory=dict)
    """Statuses of the next requests of a path."""
    ranges: bool = True
    """Whether the server knows ranges."""
    length: bool = True
    """Whether it sends ``Content-Length``."""
    etag: str = ""

    def add_piper(self, files: Mapping[str, bytes], name: str = ALAN, /, **changes: Any) -> None:
        """Add the files of a voice, and its entry to ``voices.json``."""
        catalog = json.loads(self.files.get("voices.json", b"{}"))
        catalog[name] = piper_entry(name, files, **changes)
        self.files.update(files)
        self.files["voices.json"] = json.dumps(catalog).encode()

    def paths(self, path: str) -> list[tuple[str, str]]:
        """Return method and range of the requests for ``path``."""
        return [(method, range_) for method, asked, range_ in self.requests if asked == path]

    def write(self, folder: Path) -> None:
        """Write the files into a folder."""
        for path, content in self.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)


@contextmanager
def serve(mirror: Mirror) -> Iterator[Mirror]:
    """Serve the mirror on a free port of this machine."""
    handler = type("Handler", (_Handler,), {"mirror": mirror})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    mirror.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield mirror
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    mirror: Mirror

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def log_message(self, *args: Any) -> None:
        pass

    def _answer(self, *, body: bool) -> None:
        # A proxy receives the whole address.
        path = unquote(self.path.removeprefix(self.mirror.url).lstrip("/"))
        range_ = self.headers.get("Range", "")
        self.mirror.requests.append((self.command, path, range_))
        content = self.mirror.files.get(path)
        if location := self.mirror.redirects.get(path):
            self.send_response(302)
            self.send_header("Location", location)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif statuses := self.mirror.status.get(path):
            self.send_response(statuses.pop(0))
            self.end_headers()
        elif content is None:
            self.send_error(404)
        else:
            self._send(content, range_, body=body)

    def _send(self, content: bytes, range_: str, *, body: bool) -> None:
        first = int(range_.removeprefix("bytes=").rstrip("-")) if range_ and self.mirror.ranges else 0
        if self.headers.get("If-Range", self.mirror.etag) != self.mirror.etag:
            first = 0
        if first >= len(content) > 0 and range_:
            self.send_response(416)
            self.end_headers()
            return
        self.send_response(206 if first else 200)
        if first:
            self.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
        if self.mirror.length:
            self.send_header("Content-Length", str(len(content) - first))
        if self.mirror.etag:
            self.send_header("ETag", self.mirror.etag)
        self.end_headers()
        rest = content[first:]
        if body:
            self.wfile.write(rest[: self.mirror.cuts.pop(0)] if self.mirror.cuts else rest)
