"""Measures how soon a limit that the operator saves in the admin applies to an open tab."""

import asyncio
import html.parser
import itertools
import json
import os
import secrets
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.cookiejar import CookieJar
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect

from benchmarks.report import Benchmark, Measured, NotMeasuredError, Row, Target
from benchmarks.server import ROOT, Server, serving

DATABASE = "alphanumeric.sqlite3"
TEXT = "Is this allowed?"
TIGHT, LOOSE = len(TEXT) - 1, 1000
PROBE_EVERY_S = 0.02
PATIENCE_S = 10.0
LIMIT_MS = 1000.0
OPERATOR = "operator"


def measure(repetitions: int) -> Measured:
    """Measure ``repetitions`` changes of the limit for visitors, alternately lower and higher.

    Raises ``NotMeasuredError``.
    """
    # The server creates the data that is copied next.
    with serving():
        pass
    with _copy() as folder, serving(data_dir=folder) as server:
        admin = _Admin(server, _operator(folder))
        times = asyncio.run(_measured(server, admin, repetitions))
    row = Row("from saving a limit in the admin to its effect on a tab", "ms", times, Target(LIMIT_MS, on="p95"))
    notes = (
        f"From submitting the admin form to the first response under the new limit, probed every {PROBE_EVERY_S:g} s.",
        "Uses a copy of the database, so your data is unchanged.",
    )
    return (row,), notes


async def _measured(server: Server, admin: "_Admin", repetitions: int) -> tuple[float, ...]:
    times = []
    await asyncio.to_thread(
        admin.save, max_text_length=LOOSE, requests_per_minute=100_000, characters_per_minute=100_000_000
    )
    async with connect(server.socket_url, proxy=None) as socket:
        await socket.recv()
        tab = _Tab(socket)
        await tab.until(allowed=True)
        for limit in itertools.islice(itertools.cycle((TIGHT, LOOSE)), repetitions):
            began = time.perf_counter()
            saving = asyncio.create_task(asyncio.to_thread(admin.save, max_text_length=limit))
            await tab.until(allowed=limit == LOOSE)
            times.append((time.perf_counter() - began) * 1000)
            await saving
            # At a random phase of the server's cache interval.
            await asyncio.sleep(secrets.randbelow(500) / 1000)
    return tuple(times)


class _Tab:
    """Asks repeatedly whether a text is allowed."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)

    async def until(self, *, allowed: bool) -> None:
        """Wait for a response of that type. Raises ``NotMeasuredError``."""
        deadline = time.monotonic() + PATIENCE_S
        while await self._ask() is not allowed:
            if time.monotonic() > deadline:
                raise NotMeasuredError(f"the limit did not apply after {PATIENCE_S:.0f} s")
            await asyncio.sleep(PROBE_EVERY_S)

    async def _ask(self) -> bool:
        number = next(self._numbers)
        await self._send("speech.create", number, text=TEXT)
        async for frame in self._socket:
            answer = json.loads(frame) if isinstance(frame, str) else {}
            if answer.get("id") != number:
                continue
            if answer["type"] == "speech.queued":
                await self._send("speech.cancel", number)
                return True
            if answer["type"] == "error" and answer["code"] == "text_too_long":
                return False
            raise NotMeasuredError(f"the tab received {answer.get('code', answer['type'])}")
        raise NotMeasuredError("the socket was closed")

    async def _send(self, type_: str, number: int, **fields: str) -> None:
        await self._socket.send(json.dumps({"type": type_, "id": number, **fields}))


class _Admin:
    """Submits the operator's form. Raises ``NotMeasuredError`` if it is not saved."""

    def __init__(self, server: Server, password: str) -> None:
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self._admin = f"{server.url}admin/"
        login = f"{self._admin}login/"
        self._post(login, {**self._fields(login), "username": OPERATOR, "password": password})
        links = _Form.of(self._get(f"{self._admin}synthesis/limits/")).links
        # The policy for visitors is listed first.
        self._page = next(urllib.parse.urljoin(server.url, link) for link in links if link.endswith("/change/"))
        self._form = self._fields(self._page)

    def save(self, **changes: int) -> None:
        """Submit the form with these fields changed."""
        self._form |= {name: str(value) for name, value in changes.items()}
        if self._post(self._page, self._form) == self._page:
            raise NotMeasuredError("the admin did not save the limits")

    def _fields(self, url: str) -> dict[str, str]:
        return _Form.of(self._get(url)).fields

    def _get(self, url: str) -> str:
        with self._opener.open(url, timeout=PATIENCE_S) as answer:
            page: str = answer.read().decode()
            return page

    def _post(self, url: str, fields: dict[str, str]) -> str:
        request = urllib.request.Request(url, urllib.parse.urlencode(fields).encode(), {"Referer": url})  # noqa: S310 - our own server
        with self._opener.open(request, timeout=PATIENCE_S) as answer:
            landed: str = answer.geturl()
            return landed


class _Form(html.parser.HTMLParser):
    """Collects the fields of a page's forms, and its links."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.links: list[str] = []

    @classmethod
    def of(cls, page: str) -> "_Form":
        """Parse a page."""
        made = cls()
        made.feed(page)
        return made

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record the attributes of a tag."""
        known = {name: value or "" for name, value in attrs}
        if tag == "input" and known.get("type") != "submit" and "name" in known:
            self.fields[known["name"]] = known.get("value", "")
        elif tag == "a" and "href" in known:
            self.links.append(known["href"])


@contextmanager
def _copy() -> Iterator[Path]:
    """Yield a folder with the same voices and a copy of the database."""
    data = Path(os.environ.get("DATA_DIR", ROOT / "var")).resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "voices").symlink_to(data / "voices")
        with closing(sqlite3.connect(data / DATABASE)) as theirs, closing(sqlite3.connect(folder / DATABASE)) as ours:
            theirs.backup(ours)
        yield folder


def _operator(folder: Path) -> str:
    """Create an account for the admin. Returns its password."""
    password = secrets.token_urlsafe(16)
    with closing(sqlite3.connect(folder / DATABASE)) as database:
        database.execute("DELETE FROM auth_user WHERE username = ?", [OPERATOR])
        database.commit()
    subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "manage.py", "createsuperuser", "--noinput", "--username", OPERATOR, "--email", ""],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(folder), "DJANGO_SUPERUSER_PASSWORD": password},
        check=True,
        capture_output=True,
    )
    return password


BENCHMARK = Benchmark("delay until a limit saved in the admin applies", 40, measure)
