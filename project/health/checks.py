"""The checks: what users notice (page, websocket, speech, themes), and the server's memory and database."""

import os
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.storage.database_integrity import fault_of
from project.health.client import Tab, Target, UnhealthyError, get

SENTENCE = "The health check speaks this sentence."
UTTERANCE = 1
HEADER_BYTES = 16
"""Header of an audio frame (docs/protocol.md)."""
MIB = 1024 * 1024
LISTEN = "0A"
"""State of a listening socket in /proc/net/tcp."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The largest values that pass: seconds, and bytes of memory per process."""

    page_s: float = 2.0
    first_audio_s: float = 2.0
    theme_s: float = 2.0
    memory_bytes: int = 500 * MIB


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one check; ``ok`` is ``None`` if it could not run here."""

    name: str
    ok: bool | None
    detail: str
    seconds: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the result for JSON."""
        return asdict(self)


Clock = Callable[[], float]


def run(target: Target, bounds: Bounds, database: Path | None, clock: Clock = time.monotonic) -> Iterator[Result]:
    """Yield the results in the order of the recovery checklist: system, functionality, performance."""
    checks: list[tuple[str, Callable[[], tuple[str, float | None]]]] = [
        ("ready", lambda: _ready(target)),
        ("page", lambda: _page(target, bounds, clock)),
        ("socket", lambda: _socket(target, clock)),
        ("speech", lambda: _speech(target, bounds, clock)),
        ("theme", lambda: _theme(target, bounds, clock)),
    ]
    for name, check in checks:
        try:
            detail, seconds = check()
            yield Result(name, ok=True, detail=detail, seconds=seconds)
        except UnhealthyError as error:
            yield Result(name, ok=False, detail=str(error))
    yield _memory(target.parts.port or 0, bounds)
    yield _database(database)


def _ready(target: Target) -> tuple[str, None]:
    status, body = get(target, "/readyz")
    if status != 200:
        raise UnhealthyError(f"/readyz returns {status}: {body[:200]}")
    return "the default voice is loaded", None


def _page(target: Target, bounds: Bounds, clock: Clock) -> tuple[str, float]:
    began = clock()
    status, body = get(target, "/")
    took = clock() - began
    if status != 200 or 'id="prompt"' not in body:
        raise UnhealthyError(f"the page returns status {status}, without the prompt")
    return f"{len(body.encode()) // 1024} KB", _within("the page", took, bounds.page_s)


def _socket(target: Target, clock: Clock) -> tuple[str, float]:
    began = clock()
    with Tab(target) as tab:
        created = tab.expect("session.created")
    return f"protocol {created['protocol']}, {len(created['voices'])} voices", clock() - began


def _speech(target: Target, bounds: Bounds, clock: Clock) -> tuple[str, float]:
    """Speak a sentence, and return the time from the request to its first audio."""
    with Tab(target) as tab:
        tab.expect("session.created")
        began = clock()
        tab.send("speech.create", id=UTTERANCE, text=SENTENCE)
        first: float | None = None
        loud = False
        rate = 1
        while True:
            message = tab.receive()
            if isinstance(message, bytes):
                first = first if first is not None else clock() - began
                loud = loud or any(message[HEADER_BYTES:])
            elif message["type"] == "error":
                raise UnhealthyError(f"{message['code']}: {message['message']}")
            elif message["type"] == "speech.started":
                rate = message["sample_rate"]
            elif message["type"] == "speech.done":
                break
    if first is None or not loud:
        raise UnhealthyError("the sentence has no sound")
    return f"{message['samples'] / rate:.1f} s of audio", _within("the first audio", first, bounds.first_audio_s)


def _theme(target: Target, bounds: Bounds, clock: Clock) -> tuple[str, float]:
    """Create a theme as a visitor, read it back on another connection, and delete it."""
    theme_id = str(uuid.uuid4())
    with Tab(target) as writer, Tab(target) as reader:
        created = writer.expect("session.created")
        reader.expect("session.created")
        began = clock()
        writer.send("theme.create", request_id=1, id=theme_id, source=created["theme"]["dark"]["id"])
        writer.expect("theme.saved")
        took = clock() - began
        reader.send("theme.resume", device=created["device"])
        reader.expect("theme.changed")
        try:
            if theme_id not in _listed(reader):
                raise UnhealthyError("a theme was saved, and is not found on another connection")
        finally:
            writer.send("theme.delete", request_id=2, id=theme_id)
            writer.expect("theme.saved")
    return "written, read back and deleted", _within("saving a theme", took, bounds.theme_s)


def _listed(tab: Tab) -> set[str]:
    tab.send("theme.list")
    found: set[str] = set()
    while True:
        message = tab.expect("theme.listed")
        found |= {theme["id"] for theme in message["themes"]}
        if message["last"]:
            return found


def _within(what: str, seconds: float, bound: float) -> float:
    if seconds > bound:
        raise UnhealthyError(f"{what} took {seconds:.2f} s, more than {bound:g} s")
    return seconds


def _memory(port: int, bounds: Bounds) -> Result:
    """Compare the memory of each process that listens on the port."""
    sizes = [size for pid in _listening(port) if (size := _resident_bytes(pid))]
    if not sizes:
        return Result("memory", ok=None, detail="the server's process is not visible from here")
    largest = max(sizes)
    detail = f"{largest // MIB} of {bounds.memory_bytes // MIB} MB in the largest of {len(sizes)} processes"
    return Result("memory", ok=largest <= bounds.memory_bytes, detail=detail)


def _database(database: Path | None) -> Result:
    if database is None or not database.exists():
        return Result("database", ok=None, detail="no SQLite file here; the theme was stored by the server's database")
    fault = fault_of(database)
    return Result("database", ok=fault is None, detail=fault or "SQLite's check found no damage")


def _listening(port: int, proc: Path = Path("/proc")) -> list[int]:
    """Return the processes that listen on the port, as far as this user may see them; none outside of Linux."""
    wanted = set()
    for table in ("net/tcp", "net/tcp6"):
        try:
            rows = (proc / table).read_text().splitlines()[1:]
        except OSError:
            continue
        columns = [row.split() for row in rows]
        wanted |= {row[9] for row in columns if row[3] == LISTEN and int(row[1].rpartition(":")[2], 16) == port}
    links = {f"socket:[{inode}]" for inode in wanted}
    return [int(folder.name) for folder in proc.glob("[0-9]*") if links and _has_any(folder, links)]


def _has_any(process: Path, links: set[str]) -> bool:
    try:
        return any(str(link.readlink()) in links for link in (process / "fd").iterdir())
    except OSError:
        # It has ended, or belongs to another user.
        return False


def _resident_bytes(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
