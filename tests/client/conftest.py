"""The real server with the real voice, the account of alice, and a tab of hers."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from alphanumeric_client import cli
from tests.e2e.server import ROOT, Server
from tests.synthesis.api.real_server import serving

CLIENT = ROOT / "client" / "src"
ALICE = """
from django.contrib.auth.models import User
from accounts.tokens import create_token
from tests.terminal.test_theme_session import sign_in
user, session = sign_in("alice")
token = create_token(User.objects.get(pk=user), "shell", ["speak", "say"])[1]
print(session, token)
"""


@dataclass(frozen=True, slots=True)
class Alice:
    """The account of alice on a server: the token of her shell, and the session of her browser."""

    server: Server
    session: str
    token: str

    def environment(self, home: Path) -> dict[str, str]:
        """Return the environment of her shell."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("ALPHANUMERIC_")},
            "XDG_CONFIG_HOME": str(home),
            "PYTHONPATH": str(CLIENT),
            "ALPHANUMERIC_URL": self.server.url,
            "ALPHANUMERIC_TOKEN": self.token,
            "NO_PROXY": "*",
        }

    @contextmanager
    def tab(self) -> Iterator["Tab"]:
        """Open a tab that speaks the texts of programs."""
        address = f"ws://127.0.0.1:{self.server.port}/ws/terminal/"
        headers = {"Cookie": f"sessionid={self.session}"}
        with connect(address, origin=Origin(self.server.url.rstrip("/")), additional_headers=headers) as wire:
            tab = Tab(wire)
            tab.until("session.created")
            tab.send("say.subscribe", held=[])
            tab.settle()
            yield tab


class Tab:
    """An open tab."""

    def __init__(self, wire: ClientConnection) -> None:
        self._wire = wire

    def send(self, type: str, **fields: Any) -> None:
        self._wire.send(json.dumps({"type": type, **fields}))

    def until(self, type: str) -> dict[str, Any]:
        """Return the next message of that type."""
        while True:
            got = self._wire.recv(timeout=30)
            if isinstance(got, str) and (frame := json.loads(got))["type"] == type:
                assert isinstance(frame, dict)
                return frame

    def spoken(self, count: int = 1) -> list[str]:
        """Return the next texts, and report them as spoken."""
        frames = [self.until("say.created") for _ in range(count)]
        for frame in frames:
            self.send("say.done", id=frame["id"])
        self.settle()
        return [frame["text"] for frame in frames]

    def settle(self) -> None:
        """Wait until the server has handled all messages of this tab."""
        self.send("theme.list")
        self.until("theme.listed")


@pytest.fixture(scope="session")
def alice(joe_voice_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alice]:
    """Start the server, and return the account of alice."""
    with serving(joe_voice_dir, tmp_path_factory.mktemp("client")) as server:
        environment = {**os.environ, "DATA_DIR": str(server.data_dir), "DJANGO_SETTINGS_MODULE": "project.settings"}
        command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", ALICE]
        made = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        session, token = made.stdout.split()[-2:]
        yield Alice(server, session, token)


@pytest.fixture
def shell(alice: Alice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Alice:
    """Give this process the environment of alice's shell."""
    for name, value in alice.environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return alice


def run(*arguments: str) -> int:
    """Run the command in this process."""
    return cli.main(arguments)
