"""``manage.py wyoming``: a server of the Wyoming protocol, which Home Assistant and other voice assistants speak."""

import asyncio
import signal
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from core.process import malloc
from core.process.signals import on_signals
from project.backups.lock import in_use
from project.backups.manifest import BackupError
from project.configuration.start_errors import reason_of
from synthesis import runtime
from synthesis.api.dialects.wyoming.server import WyomingServer
from synthesis.models import Voice
from synthesis.pool import engine_factory

URI = "tcp://127.0.0.1:10200"


class Command(BaseCommand):
    """Serves speech until stopped. A process of its own, with its own engine."""

    help = "Serve speech over the Wyoming protocol, for Home Assistant and other voice assistants."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the address and the account."""
        parser.add_argument(
            "--uri",
            default=URI,
            help=f"tcp://HOST:PORT or unix:///PATH; tcp://0.0.0.0:10200 accepts other machines (default: {URI})",
        )
        parser.add_argument(
            "--account",
            help="user name of the account whose limits all clients share; without it they are visitors, and only "
            "programs on this machine may speak by default",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until stopped."""
        try:
            server = WyomingServer(options["uri"], _account(options["account"]))
        except ValueError as error:
            raise CommandError(str(error)) from None
        malloc.tune_malloc()
        engine_factory.preload()
        try:
            with in_use(settings.DATA_DIR):
                asyncio.run(self._serve(server, options["uri"]))
        except BackupError as error:
            raise CommandError(str(error)) from error

    async def _serve(self, server: WyomingServer, uri: str) -> None:
        stopped = asyncio.Event()
        on_signals(asyncio.get_running_loop(), (signal.SIGINT, signal.SIGTERM), stopped.set)
        try:
            address = await server.start()
        except OSError as error:
            raise CommandError(f"Cannot listen on {uri} ({reason_of(error)}).") from error
        self.stdout.write(f"Wyoming is served at {address}  (press Ctrl+C to stop)")
        self.stdout.flush()
        try:
            warming = asyncio.create_task(runtime.get_runtime().warm_up())
            await stopped.wait()
            warming.cancel()
        finally:
            await server.stop()
            runtime.get_runtime().close()


def _account(name: str | None) -> int | None:
    """Return the primary key of the account. Raises ``CommandError`` also if there is no database yet."""
    try:
        if not Voice.objects.exists():
            raise CommandError("No voice is installed. Start the server once (manage.py serve), or run voice add.")
        if name is None:
            return None
        account: int = User.objects.get(username=name, is_active=True).pk
    except User.DoesNotExist:
        raise CommandError(f"There is no active account {name}.") from None
    except DatabaseError as error:
        raise CommandError(f"The database cannot be read. Start the server once (manage.py serve). ({error})") from None
    return account
