"""``manage.py serve``: everything set up, then the server. Quick when nothing has changed."""

import asyncio
import hashlib
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from synthesis import memory, runtime
from synthesis.models import Voice
from synthesis.voices.install import outdated
from themes import seeding
from themes.services import tidy

MESSAGE_BYTES = 64 * 1024
"""Of one socket message in either direction: twice the largest that is sent. Beyond it the connection ends."""


class Command(BaseCommand):
    """Prepares the database, the static files and the default voice, and serves with Daphne."""

    help = "Set everything up and serve on HOST and PORT."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until stopped."""
        memory.tune_malloc()
        _allow_many_sockets()
        self._migrate()
        self._collect_static()
        self._themes()
        self._install_voice()
        self._renew_voices()
        self._serve()

    def _step(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def _migrate(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self._step("Preparing the database ...")
            call_command("migrate", verbosity=0, interactive=False)

    def _collect_static(self) -> None:
        stamp, now = settings.STATIC_ROOT / ".stamp", _static_state()
        if not stamp.exists() or stamp.read_text() != now:
            self._step("Compressing the page's files ...")
            call_command("collectstatic", verbosity=0, interactive=False, clear=True)
            stamp.write_text(now)

    def _themes(self) -> None:
        if seeding.seed().changed:
            self._step("Bringing the presets up to date ...")
        tidy()

    def _install_voice(self) -> None:
        if Voice.objects.exists():
            return
        self._step("Installing the voice Joe (once; about a minute) ...")
        _voice("add", "joe", "--default")
        # Another server that was started at the same time may have been first.
        if not Voice.objects.exists():
            raise CommandError("The voice could not be installed; the lines above say why.")

    def _renew_voices(self) -> None:
        for voice in Voice.objects.filter(enabled=True):
            folder = settings.VOICES_DIR / voice.id
            if folder.exists() and outdated(folder):
                self._step(f"Compiling the voice {voice.id} for this version (once) ...")
                _voice("compile", voice.id)

    def _serve(self) -> None:
        # Imported here, because Twisted installs its reactor when it is imported.
        import daphne.server
        from daphne.endpoints import build_endpoint_description_strings
        from twisted.internet import reactor

        from project.asgi import application
        from terminal.bodies import BoundedFactory
        from terminal.connection import BoundedSocketFactory
        from terminal.responses import BoundedServer
        from terminal.traffic import Traffic

        # There are no settings for them.
        daphne.server.HTTPFactory = BoundedFactory
        daphne.server.WebSocketFactory = BoundedSocketFactory
        traffic = Traffic(application.client_of, released=lambda: runtime.current().breathe())
        BoundedFactory.traffic = BoundedSocketFactory.traffic = traffic

        def listening() -> None:
            for host, port in server.listening_addresses:
                self._step(
                    f"Alphanumeric speaks at http://{f'[{host}]' if ':' in host else host}:{port}  (Ctrl+C stops it)"
                )
            warming.append(reactor._asyncioEventloop.create_task(self._warm_up()))

        warming: list[asyncio.Task[None]] = []
        server = BoundedServer(
            application,
            traffic=traffic,
            endpoints=build_endpoint_description_strings(host=settings.HOST, port=settings.PORT),
            ready_callable=listening,
            server_name="alphanumeric",
            websocket_max_message_size=MESSAGE_BYTES,
            websocket_max_frame_size=MESSAGE_BYTES,
        )
        server.run()
        runtime.current().close()
        if not server.listening_addresses:
            raise CommandError(
                f"Port {settings.PORT} of {settings.HOST} is taken or not allowed. Set PORT to another one."
            )

    async def _warm_up(self) -> None:
        began = time.monotonic()
        if await runtime.current().warm_up():
            self._step(f"The voice is ready ({time.monotonic() - began:.1f} s).")
        else:
            self._step("No voice is installed or enabled: 'manage.py voice add joe'.")
        memory.settle()


def _allow_many_sockets() -> None:
    """Each tab is an open file, of which a process may by default have fewer than it is allowed to ask for."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _voice(*words: str) -> None:
    """Run ``manage.py voice`` in a process of its own, because what torch takes is never given back."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "voice", *words]
    subprocess.run(command, check=False)  # noqa: S603 - our own command and voices' ids


def _static_state() -> str:
    """Changes when any static file does."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = Path(storage.path(name)).stat()
            digest.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
