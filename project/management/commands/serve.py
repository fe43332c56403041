"""``manage.py serve``: prepares the installation and runs the server."""

import asyncio
import errno
import hashlib
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from argparse import SUPPRESS
from asyncio.subprocess import Process
from pathlib import Path
from typing import Any

try:
    import resource
except ImportError:
    resource = None  # type: ignore[assignment]  # Windows, which has no such limit

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from core.limits import registry
from core.limits.disk_quota import data_dir_quota
from core.process import address_space, malloc
from core.process.cpu import cores, share, usable_cpus
from core.process.process_table import ProcessTable
from core.process.signals import on_signals
from core.storage import database_integrity
from core.storage.database import truncate_log
from monitoring.exposition import metrics_folder, process_environment
from monitoring.sampler import Sampler
from monitoring.tracing import TracingError, check_tracing, start_tracing
from project.backups.lock import in_use
from project.backups.manifest import BackupError
from project.configuration.database import unreachable
from project.configuration.start_errors import reason_of
from project.configuration.start_lock import database_lock, exclusive
from project.server.service_manager import notify
from project.server.shutdown import HANDSHAKE_S, GracefulShutdown
from project.server.supervisor import Supervisor
from synthesis import runtime
from synthesis.models import Voice
from synthesis.pool import engine_factory
from synthesis.voices.installer import needs_recompile
from themes import shipped_presets
from themes.store.services import purge_expired

logger = logging.getLogger(__name__)

MAX_MESSAGE_BYTES = registry.MAX_MESSAGE_BYTES.default
"""Bytes of one websocket message in either direction, twice the largest in use. Larger ones drop the connection."""


CORES_PER_PROCESS = 4
"""Cores per process with SERVER_PROCESSES=auto: one event loop can stream what about four cores synthesize."""
LISTEN_BACKLOG = 1024
ADDRESS_SPACE = 2
"""Address space that the process may add after its start, as a multiple of MEMORY_LIMIT_MB. Stacks of threads, of 8 MB
each, count there, but are hardly resident."""
_HOST_ADVICE = "Set it to an address of this machine, to 0.0.0.0 for all of them, or to 127.0.0.1 for none but itself."
REPORT_S = 1.0


class Command(BaseCommand):
    """Prepares the database, the static files and the default voice, and serves with Daphne."""

    help = "Prepare the database, static files and voices, then serve on HOST and PORT."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options that the parent passes to each of several processes."""
        for name in ("--child-port", "--table-fd", "--slot", "--parent"):
            parser.add_argument(name, type=int, help=SUPPRESS)
        parser.add_argument("--cpus", help=SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until stopped."""
        try:
            check_tracing(os.environ)
        except TracingError as error:
            raise CommandError(str(error)) from error
        malloc.tune_malloc()
        engine_factory.preload()
        _raise_open_file_limit()
        if options["child_port"] is not None:
            self._serve_child(options)
            return
        count = process_count(settings.SERVER_PROCESSES, cores(), has_redis=bool(settings.REDIS_URL))
        check_listening()
        if settings.DATABASE_URL and (fault := unreachable(settings.DATABASE_URL)):
            raise CommandError(fault)
        try:
            with in_use(settings.DATA_DIR):
                self._prepare()
                if count == 1:
                    self._serve()
                else:
                    self._supervise(count)
        except BackupError as error:
            raise CommandError(str(error)) from error
        truncate_log()
        connection.close()

    def _prepare(self) -> None:
        """Bring DATA_DIR up to date; concurrent starts wait for each other."""
        # As process 1 of a container, a process without a handler ignores the signal.
        signal.signal(signal.SIGTERM, _interrupt)
        with exclusive(settings.DATA_DIR, self._step), database_lock():
            database_integrity.check()
            self._migrate()
            self._collect_static()
            self._seed_presets()
            self._install_voice()
            self._recompile_voices()

    def _supervise(self, count: int) -> None:
        # If another server listens on the port, the SO_REUSEPORT sockets below would share it silently.
        check_listening()
        try:
            reserved = shared_listener(settings.PORT, listen=False)
        except OSError as error:
            raise CommandError(f"{_port_taken()} ({reason_of(error)})") from error
        port = reserved.getsockname()[1]
        self._step(
            f"Alphanumeric is running at {_url(settings.HOST, port)} in {count} processes  (press Ctrl+C to stop)"
        )
        with metrics_folder() as folder:
            ran = asyncio.run(_run_processes(port, count, folder))
        if not ran:
            raise CommandError("The serving processes failed to start; see the messages above.")

    def _serve_child(self, options: dict[str, Any]) -> None:
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {int(cpu) for cpu in options["cpus"].split(",")})
        table = runtime.get_runtime().processes = ProcessTable(options["table_fd"])
        # The table also has rows for replacements, which run together with the processes that they replace.
        engine_factory.share_gpu(table.slots // 2 + 1)
        self._slot = options["slot"]
        self._parent = options["parent"]
        self._serve(shared_listener(options["child_port"], listen=True).detach())

    def _step(self, text: str) -> None:
        notify(f"STATUS={text}")
        self.stdout.write(text)
        self.stdout.flush()

    def _migrate(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self._step("Migrating the database ...")
            call_command("migrate", verbosity=0, interactive=False)

    def _collect_static(self) -> None:
        stamp, now = settings.STATIC_ROOT / ".stamp", _static_state()
        if not stamp.exists() or stamp.read_text() != now:
            self._step("Compressing static files ...")
            call_command("collectstatic", verbosity=0, interactive=False, clear=True)
            stamp.write_text(now)

    def _seed_presets(self) -> None:
        if shipped_presets.seed().changed:
            self._step("Updating the theme presets ...")
        try:
            purge_expired()
        except OperationalError as error:
            # Speech needs no space, and a later start deletes them.
            logger.warning("expired themes and visitors could not be deleted: %s", error)

    def _install_voice(self) -> None:
        if Voice.objects.exists():
            return
        full = data_dir_quota().fault()
        if full:
            raise CommandError(full)
        self._step("Installing the voice Joe (first start only; about a minute) ...")
        _voice("add", "joe", "--default")
        # Another server that started at the same time may have installed it.
        if not Voice.objects.exists():
            raise CommandError("The voice could not be installed, for the reason above.")

    def _recompile_voices(self) -> None:
        for voice in Voice.objects.filter(enabled=True):
            folder = settings.VOICES_DIR / voice.id
            if folder.exists() and needs_recompile(folder):
                self._step(f"Compiling the voice {voice.id} for this version (first start only) ...")
                _voice("compile", voice.id)

    def _serve(self, listen_fd: int | None = None) -> None:
        select_event_loop(settings.EVENT_LOOP)
        # Imported here, because Twisted installs its reactor, on a new event loop, when it is imported.
        import daphne.server
        from daphne.endpoints import build_endpoint_description_strings
        from twisted.internet import reactor

        from project.asgi import application
        from project.server.connection_ledger import TrafficLimits
        from project.server.daphne_http import LimitedHTTPFactory
        from project.server.daphne_responses import BackpressureServer
        from project.server.daphne_websocket import LimitedWebSocketFactory

        # Daphne has no settings for its factories.
        daphne.server.HTTPFactory = LimitedHTTPFactory
        daphne.server.WebSocketFactory = LimitedWebSocketFactory
        traffic = TrafficLimits(
            application.client_of, released=lambda: runtime.get_runtime().maintenance.schedule_heap_trim()
        )
        LimitedHTTPFactory.traffic = LimitedWebSocketFactory.traffic = traffic

        def listening() -> None:
            if listen_fd is None:
                for host, port in server.listening_addresses:
                    self._step(f"Alphanumeric is running at {_url(host, port)}  (press Ctrl+C to stop)")
            loop = reactor._asyncioEventloop
            shutdown.install(loop)
            tasks.append(loop.create_task(self._warm_up()))
            tasks.append(loop.create_task(Sampler(runtime.get_runtime()).run()))
            if listen_fd is not None:
                tasks.append(loop.create_task(self._report_state(shutdown)))

        tasks: list[asyncio.Task[None]] = []
        endpoints = (
            build_endpoint_description_strings(host=settings.HOST, port=settings.PORT)
            if listen_fd is None
            else build_endpoint_description_strings(file_descriptor=listen_fd)
        )
        server = BackpressureServer(
            application,
            traffic=traffic,
            endpoints=endpoints,
            signal_handlers=False,
            ready_callable=listening,
            server_name="alphanumeric",
            websocket_max_message_size=MAX_MESSAGE_BYTES,
            websocket_max_frame_size=MAX_MESSAGE_BYTES,
        )
        shutdown = GracefulShutdown(
            server,
            runtime.get_runtime().connections,
            settings.SHUTDOWN_TIMEOUT_S,
            delay_s=settings.SHUTDOWN_DELAY_S,
            handshake_s=HANDSHAKE_S if listen_fd is not None else 0.0,
        )
        stop_tracing = start_tracing(os.environ)
        server.run()
        notify("STOPPING=1")
        for task in tasks:
            task.cancel()
        stop_tracing()
        runtime.get_runtime().close()
        if not server.listening_addresses:
            raise CommandError(_port_taken())

    async def _report_state(self, shutdown: GracefulShutdown) -> None:
        """Write this process's row of the process table every second, and shut down when the parent has exited."""
        current = runtime.get_runtime()
        assert current.processes is not None  # noqa: S101 - set before the server starts
        while True:
            current.processes.write(self._slot, await current.state(), len(current.connections))
            if os.getppid() != self._parent:
                shutdown.begin()
                return
            await asyncio.sleep(REPORT_S)

    async def _warm_up(self) -> None:
        began = time.monotonic()
        if await runtime.get_runtime().warm_up():
            self._step(f"The voice is ready ({time.monotonic() - began:.1f} s).")
        else:
            self._step("No voice is installed or enabled. Run 'manage.py voice add joe'.")
        if engine_factory.engine_name() in ("onnx", "openvino"):
            # CUDA reserves far more addresses than memory.
            address_space.limit_growth(ADDRESS_SPACE * runtime.get_runtime().memory_guard.limit)
        notify("READY=1")
        malloc.freeze_gc()


def _interrupt(number: int, _frame: Any) -> None:
    """Exit during the preparation; ``subprocess.run`` then ends the command that installs a voice."""
    raise SystemExit(128 + number)


def select_event_loop(setting: str) -> None:
    """Make uvloop the event loop, if ``setting`` is ``uvloop``, or ``auto`` and it is installed.

    Raises ``CommandError`` if it is required and missing.
    """
    if hasattr(asyncio, "WindowsSelectorEventLoopPolicy"):
        # Twisted needs a loop that watches sockets.
        asyncio.set_event_loop_policy(asyncio.WindowsSelectorEventLoopPolicy())
    if setting == "asyncio":
        return
    try:
        import uvloop
    except ImportError as error:
        if setting == "uvloop":
            raise CommandError("EVENT_LOOP=uvloop needs the package: pip install -e '.[uvloop]'.") from error
    else:
        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())


def process_count(setting: str, available: int, *, has_redis: bool) -> int:
    """Return the number of serving processes. Raises ``CommandError`` for several without Redis or a shared port."""
    shares_port = hasattr(socket, "SO_REUSEPORT")
    if setting == "auto":
        return max(1, available // CORES_PER_PROCESS) if has_redis and shares_port else 1
    if int(setting) > 1 and not shares_port:
        raise CommandError(
            f"SERVER_PROCESSES={setting} needs a system where processes can share a port. Set SERVER_PROCESSES=1."
        )
    if int(setting) > 1 and not has_redis:
        raise CommandError(
            f"SERVER_PROCESSES={setting} needs REDIS_URL: the processes share limits and theme changes through Redis."
        )
    return int(setting)


def check_listening() -> None:
    """Raise ``CommandError`` if this process cannot listen on HOST and PORT: before minutes of preparation."""
    try:
        socket.create_server((settings.HOST, settings.PORT), family=_family()).close()
    except socket.gaierror:
        raise CommandError(f"HOST={settings.HOST} cannot be resolved. {_HOST_ADVICE}") from None
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            raise CommandError(f"HOST={settings.HOST} is not an address of this machine. {_HOST_ADVICE}") from None
        raise CommandError(f"{_port_taken()} ({reason_of(error)})") from error


def shared_listener(port: int, *, listen: bool) -> socket.socket:
    """Return a socket bound to HOST and ``port`` with ``SO_REUSEPORT``, so that other processes can share the port."""
    listener = socket.socket(_family())
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind((settings.HOST, port))
    if listen:
        listener.listen(LISTEN_BACKLOG)
    return listener


def _family() -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in settings.HOST else socket.AF_INET


async def _run_processes(port: int, count: int, metrics: Path) -> bool:
    table = ProcessTable.create(2 * count)
    cpus = usable_cpus()

    async def start(slot: int, index: int) -> Process:
        own = ",".join(map(str, share(cpus, index, count)))
        options = {
            "--child-port": port,
            "--table-fd": table.fd,
            "--slot": slot,
            "--cpus": own,
            "--parent": os.getpid(),
        }
        return await asyncio.create_subprocess_exec(
            sys.executable,
            str(settings.BASE_DIR / "manage.py"),
            "serve",
            # The parent has reported them.
            "--skip-checks",
            *(str(word) for option in options.items() for word in option),
            pass_fds=(table.fd,),
            env=process_environment(metrics, slot),
            # Ctrl+C reaches only the parent, which then stops its processes.
            start_new_session=True,
        )

    supervisor = Supervisor(count, table, start, settings.SHUTDOWN_DELAY_S + settings.SHUTDOWN_TIMEOUT_S)
    loop = asyncio.get_running_loop()
    on_signals(loop, (signal.SIGTERM, signal.SIGINT), supervisor.stop)
    on_signals(loop, (signal.SIGHUP,), supervisor.restart)
    return await supervisor.run()


def _url(host: str, port: int) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _port_taken() -> str:
    return f"Port {settings.PORT} of {settings.HOST} is in use or not permitted. Set PORT to another port."


def _raise_open_file_limit() -> None:
    """Raise the soft limit of open files to the hard limit: each tab needs one."""
    if resource is None:
        return
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _voice(*words: str) -> None:
    """Run ``manage.py voice`` in a subprocess, because torch does not release its memory."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "voice", *words]
    subprocess.run(command, check=False)  # noqa: S603 - fixed command and voice ids


def _static_state() -> str:
    """Return a digest of the names, sizes and modification times of all static files."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = Path(storage.path(name)).stat()
            digest.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
