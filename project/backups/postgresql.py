"""Dumps and loads a PostgreSQL database with the programs of PostgreSQL, ``pg_dump``, ``pg_restore`` and ``psql``."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from project.backups.manifest import BackupError
from project.configuration.database import libpq_environment, unreachable

ADVICE = "Install PostgreSQL's client programs of the server's version (Debian: apt install postgresql-client)."
_MIGRATIONS = "SELECT app || '.' || name FROM django_migrations ORDER BY id"
_SESSIONS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND backend_type = 'client backend'"
)
_TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()"
_DROP_TABLES = """
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP
    EXECUTE format('DROP TABLE %I CASCADE', name);
  END LOOP;
END $$;
"""


def dump(parameters: Mapping[str, str], file: Path) -> tuple[str, ...]:
    """Write one consistent state of the database to ``file`` while it is used, and return its applied migrations.

    A migration between the two queries would be missing from the list; the server does not migrate while it serves.

    :raises BackupError: ``no_database`` or ``no_program``.
    """
    _check_reachable(parameters)
    migrations = tuple(_query(parameters, _MIGRATIONS).split())
    _run(parameters, ["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={file}"])
    return migrations


def is_empty(parameters: Mapping[str, str]) -> bool:
    """Return whether the database has no tables. Raises ``BackupError`` ``no_database`` or ``no_program``."""
    _check_reachable(parameters)
    return _query(parameters, _TABLES) == "0"


def check_unused(parameters: Mapping[str, str]) -> None:
    """Raise ``BackupError`` ``in_use`` while other programs are connected, such as servers on other machines."""
    sessions = _query(parameters, _SESSIONS)
    if sessions != "0":
        raise BackupError("in_use", f"{sessions} connections use the database. Stop the servers, then restore.")


def load(parameters: Mapping[str, str], file: Path) -> None:
    """Replace all tables by those of the dump, in one transaction. Raises ``BackupError`` ``damaged``: no change."""
    with file.with_suffix(".sql").open("w+b") as script:
        script.write(b"SET lock_timeout = '30s';\n" + _DROP_TABLES.encode())
        script.flush()
        _run(parameters, ["pg_restore", "--no-owner", "--no-privileges", "--file=-", str(file)], stdout=script)
        script.seek(0)
        psql = ["psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
        _run(parameters, psql, stdin=script)


def _check_reachable(parameters: Mapping[str, str]) -> None:
    if fault := unreachable(parameters):
        raise BackupError("no_database", fault)


def _query(parameters: Mapping[str, str], sql: str) -> str:
    return _run(parameters, ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", f"--command={sql}"])


def _run(
    parameters: Mapping[str, str],
    command: Sequence[str],
    *,
    stdin: IO[bytes] | None = None,
    stdout: IO[bytes] | None = None,
) -> str:
    """Run a program that connects as the settings say, and return its output unless it goes to ``stdout``."""
    try:
        done = subprocess.run(  # noqa: S603 - fixed programs
            command,
            env=libpq_environment(parameters),
            stdin=stdin or subprocess.DEVNULL,
            stdout=stdout or subprocess.PIPE,
            stderr=subprocess.PIPE,
            check=False,
        )
    except FileNotFoundError:
        raise BackupError("no_program", f"The program {command[0]} is missing. {ADVICE}") from None
    if done.returncode:
        words = " ".join(done.stderr.decode(errors="replace").split())
        if "version mismatch" in words:
            raise BackupError("no_program", f"{command[0]} is older than the server. {ADVICE}")
        raise BackupError("damaged", f"{command[0]} failed, and the database was not changed: {words[:400]}")
    return done.stdout.decode().strip() if done.stdout else ""
