"""Starts other speech servers, each with its own command and the voice Joe, and builds the requests for a text."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.report import NotMeasuredError
from benchmarks.server import Server, serving

WAV_HEADER_BYTES = 44
START_TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True)
class Request:
    """A POST request for the speech of a text, which the server answers with a WAV file."""

    path: str
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Peer:
    """Another speech server."""

    name: str
    module: str
    """Module of ``benchmarks.peers`` that runs it."""
    ready_path: str
    packages: tuple[str, ...]
    request: Callable[[str], Request]
    """Return the request for a text."""


def _piper(text: str) -> Request:
    return Request("/synthesize", "application/json", json.dumps({"text": text}).encode())


def _coqui(text: str) -> Request:
    return Request("/api/tts", "application/x-www-form-urlencoded", urlencode({"text": text}).encode())


PEERS: Mapping[str, Peer] = {
    "piper": Peer("Piper", "piper_server", "/info", ("piper", "flask"), _piper),
    "coqui": Peer("Coqui", "coqui_server", "/", ("TTS", "torch", "flask"), _coqui),
}


@contextmanager
def peer_server(name: str, data: Path) -> Iterator[Server]:
    """Serve with the peer ``name``. Coqui uses the checkpoint in the folder ``data``, which this project installed.

    Raises ``NotMeasuredError`` with the reason if it cannot be started.
    """
    peer = PEERS[name]
    if missing := [package for package in peer.packages if find_spec(package) is None]:
        raise NotMeasuredError(f"{peer.name} needs {' and '.join(missing)}: not installed ('make setup-dev')")
    folder = data.resolve() / "voices" / "joe"
    if not folder.is_dir():
        raise NotMeasuredError(f"the voice Joe is not installed in {data}")
    command = (sys.executable, "-m", f"benchmarks.peers.{peer.module}", str(folder))
    with serving(command, ready_path=peer.ready_path, timeout_s=START_TIMEOUT_S) as server:
        yield server
