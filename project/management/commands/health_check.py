"""``manage.py health_check``: check a running server as its users would, for people and for programs."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from project.health import checks
from project.health.checks import MIB, Bounds, Result
from project.health.client import Target
from synthesis.pool.engine_factory import engine_name
from synthesis.runtime import DEFAULT_MEMORY_LIMIT_MB

MARKS = {True: "ok", False: "FAILED", None: "skipped"}


class Command(BaseCommand):
    """Checks page, websocket, speech, themes, latency, memory and database."""

    help = (
        "Check a running server: page, websocket, a spoken sentence, a theme written and read back, memory, database. "
        "Exits with 1 if a check fails."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--url", help="address of the server; default: HOST and PORT of the settings")
        parser.add_argument("--json", action="store_true", help="print the results as JSON")
        parser.add_argument("--timeout", type=float, default=20.0, metavar="S", help="seconds to wait for each answer")
        for name, what in (("page", "the page"), ("first-audio", "the first audio"), ("theme", "saving a theme")):
            default = getattr(Bounds(), f"{name.replace('-', '_')}_s")
            parser.add_argument(
                f"--max-{name}-s", type=float, default=default, metavar="S", help=f"seconds that {what} may take"
            )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the checks and print their results."""
        target = Target(*address(options["url"]), timeout_s=options["timeout"])
        bounds = Bounds(
            options["max_page_s"], options["max_first_audio_s"], options["max_theme_s"], memory_limit_bytes()
        )
        database = None if settings.DATABASE_URL else Path(str(settings.DATABASES["default"]["NAME"]))
        results = []
        for result in checks.run(target, bounds, database):
            results.append(result)
            if not options["json"]:
                self.stdout.write(line(result))
        healthy = all(result.ok is not False for result in results)
        if options["json"]:
            report = {"healthy": healthy, "url": target.url, "checks": [result.to_dict() for result in results]}
            self.stdout.write(json.dumps(report, indent=1))
        if not healthy:
            failed = ", ".join(result.name for result in results if result.ok is False)
            raise CommandError(f"The server at {target.url} is not healthy: {failed}.")


def address(url: str | None) -> tuple[str, dict[str, str]]:
    """Return the URL to check, and the headers that a proxy on this machine would add. Raises ``CommandError``."""
    if url is not None:
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise CommandError(f"--url {url} is no address. Write it as http://127.0.0.1:8000.")
        return url, {}
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.HOST, settings.HOST)  # noqa: S104 - compared, not bound
    local = f"http://{f'[{host}]' if ':' in host else host}:{settings.PORT}"
    if not settings.BEHIND_TLS_PROXY:
        name = {} if host in settings.LOCAL_HOST_NAMES else {"Host": f"{_public_name()}:{settings.PORT}"}
        return local, name
    return local, {"Host": _public_name(), "X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1"}


def memory_limit_bytes() -> int:
    """Return the memory that one process may use."""
    return int(settings.MEMORY_LIMIT_MB or DEFAULT_MEMORY_LIMIT_MB[engine_name()]) * MIB


def line(result: Result) -> str:
    """Return one line for people."""
    took = f", {result.seconds:.2f} s" if result.seconds is not None else ""
    return f"{MARKS[result.ok]:8}{result.name:10}{result.detail}{took}"


def _public_name() -> str:
    return next((name.lstrip(".") for name in settings.ALLOWED_HOSTS if name not in ("*", "127.0.0.1", "[::1]")), "")
