"""``DATABASE_URL``: the embedded SQLite database, or a PostgreSQL server."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from environs import ValidationError

from core.limits import registry

POSTGRESQL = "django.db.backends.postgresql"
APPLICATION_NAME = "alphanumeric"
PARAMETERS = frozenset(
    (
        *("host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "channel_binding", "gssencmode"),
        *("passfile", "target_session_attrs", "connect_timeout", "application_name", "options"),
    )
)
"""Parameters of libpq that the query of the URL may contain (PostgreSQL manual, section 34.1.2)."""
_EXAMPLE = "Write postgresql://user:password@host:5432/database"
_LIBPQ_VARIABLES = {
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "host": "PGHOST",
    "port": "PGPORT",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "sslcrl": "PGSSLCRL",
    "channel_binding": "PGCHANNELBINDING",
    "gssencmode": "PGGSSENCMODE",
    "passfile": "PGPASSFILE",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "connect_timeout": "PGCONNECT_TIMEOUT",
}


def parse_database_url(text: str) -> dict[str, str]:
    """Return libpq's parameters from the URL of a PostgreSQL database; empty for SQLite.

    The messages never contain the value, which can contain a password. Raises ``ValidationError``.
    """
    if not text or text == "sqlite":
        return {}
    if re.match(r"sqlite3?:", text):
        raise ValidationError("SQLite's file is in DATA_DIR: leave DATABASE_URL empty, and set DATA_DIR.")
    if not re.match(r"postgres(ql)?://", text):
        raise ValidationError(f"it must be empty (SQLite) or the URL of a PostgreSQL database. {_EXAMPLE}.")
    try:
        parts = urlsplit(text)
        port = parts.port
        query = parse_qsl(parts.query, strict_parsing=True) if parts.query else []
    except ValueError:
        raise ValidationError(f"its address, port or query is malformed. {_EXAMPLE}.") from None
    unknown = sorted({name for name, _ in query} - PARAMETERS)
    if unknown:
        raise ValidationError(f"{unknown[0]} is not supported in its query, only {', '.join(sorted(PARAMETERS))}.")
    name = unquote(parts.path.removeprefix("/"))
    if not name or "/" in name:
        raise ValidationError(f"it must name one database. {_EXAMPLE}.")
    given = {"user": parts.username, "password": parts.password, "host": parts.hostname}
    found = {key: unquote(value) for key, value in given.items() if value}
    return {**found, **({"port": str(port)} if port else {}), "dbname": name, **dict(query)}


def databases(parameters: Mapping[str, str], file: Path, connections: int) -> dict[str, dict[str, Any]]:
    """Return Django's ``DATABASES`` for the result of ``parse_database_url``.

    :param file: SQLite's database.
    :param connections: the largest number of connections to PostgreSQL per process.
    :raises ImproperlyConfigured: if psycopg is not installed.
    """
    return {"default": _postgresql(parameters, connections) if parameters else _sqlite(file)}


def _sqlite(file: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": file,
        "OPTIONS": {
            # WAL: readers never wait for the writer. secure_delete: deleted data is overwritten with zeros.
            # IMMEDIATE: a writer waits for the lock at BEGIN, where SQLite honors the timeout.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;",
            "transaction_mode": "IMMEDIATE",
            # Seconds; after that the client gets storage_unavailable.
            "timeout": registry.DATABASE_START_S.default,
        },
    }


def _postgresql(parameters: Mapping[str, str], connections: int) -> dict[str, Any]:
    try:
        import psycopg  # noqa: F401
        import psycopg_pool  # noqa: F401
    except ImportError:
        raise ImproperlyConfigured(
            "DATABASE_URL names a PostgreSQL database, which needs psycopg: pip install '.[postgresql]'."
        ) from None
    wait_s = registry.DATABASE_START_S.default
    options = {name: value for name, value in parameters.items() if name not in ("user", "password", "dbname")}
    return {
        "ENGINE": POSTGRESQL,
        "NAME": parameters["dbname"],
        "USER": parameters.get("user", ""),
        "PASSWORD": parameters.get("password", ""),
        # A request's thread ends with the request, so connections are shared by a pool instead of kept by threads.
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "application_name": APPLICATION_NAME,
            "connect_timeout": str(int(wait_s)),
            # Milliseconds. A server that disappears is noticed; a lock is waited for as long as SQLite's.
            "tcp_user_timeout": str(int(wait_s * 1000)),
            "options": f"-c lock_timeout={int(wait_s * 1000)} -c idle_in_transaction_session_timeout=60000",
            **options,
            "pool": {"min_size": 1, "max_size": connections, "timeout": wait_s},
        },
    }


def libpq_environment(parameters: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with which PostgreSQL's programs connect: arguments are visible to other users."""
    own = {_LIBPQ_VARIABLES[name]: value for name, value in parameters.items() if name in _LIBPQ_VARIABLES}
    others = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**others, "PGCONNECT_TIMEOUT": str(int(registry.DATABASE_START_S.default)), **own}


def unreachable(parameters: Mapping[str, str]) -> str | None:
    """Return why the database cannot be opened, in one sentence that says what to change; ``None`` if it can."""
    import psycopg
    from psycopg.conninfo import make_conninfo

    try:
        timeout = {"connect_timeout": str(int(registry.DATABASE_START_S.default))}
        psycopg.connect(make_conninfo("", **{**timeout, **parameters})).close()
    except psycopg.OperationalError as error:
        return _sentence(parameters, str(error))
    return None


_ADVICE = {
    "refused": "Start PostgreSQL there, or correct host and port.",
    "no such file": "Start PostgreSQL there, or correct host and port.",
    "timeout": "Check the host, the port and the firewall.",
    "resolve": "Correct the host.",
    "translate": "Correct the host.",
    "password": "Correct the user or the password.",
    "no pg_hba.conf entry": "Permit this user and address in pg_hba.conf.",
    "does not exist": "Create it, or correct its name: createdb --owner USER DATABASE",
    "too many": "Lower DATABASE_CONNECTIONS, or raise PostgreSQL's max_connections.",
    "ssl": "Check sslmode and the certificates.",
}
"""Parts of libpq's messages, in lower case, with what the operator can do."""


def _sentence(parameters: Mapping[str, str], message: str) -> str:
    lines = [line for line in message.splitlines() if "failed:" in line or "FATAL:" in line] or message.splitlines()
    reason = (lines or ["no reason given"])[-1].rpartition("failed: ")[2].rpartition("FATAL:")[2].strip().rstrip(".")
    advice = next((advice for part, advice in _ADVICE.items() if part in message.lower()), "Check DATABASE_URL.")
    where = f"{parameters['dbname']} at {parameters.get('host', 'this machine')}"
    return f"The PostgreSQL database {where} of DATABASE_URL cannot be opened ({reason}). {advice}"
