"""Explains failures of commands that the operator can correct, in one sentence each."""

import errno
import os
import sqlite3

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from environs import EnvError, EnvValidationError

from project.configuration.database import unreachable

NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
_DATABASE_REASONS = {
    "disk is full": "The disk with DATA_DIR is full: free some space.",
    "readonly database": "The database in DATA_DIR is read-only for this user: run this as the owner of DATA_DIR.",
    "unable to open database file": "The database in DATA_DIR cannot be opened: check the owner of its files.",
    "database is locked": "Another program has locked the database in DATA_DIR: stop it, or try again.",
    "disk i/o error": "The disk with DATA_DIR reports an error, or is full: check it.",
    "not a database": "The file alphanumeric.sqlite3 in DATA_DIR is not a database: restore it from a backup.",
    "malformed": "The database in DATA_DIR is damaged: restore it from a backup.",
}
"""Texts in SQLite's messages, in lower case, with what they mean for the operator."""


def explain(error: BaseException) -> str | None:
    """Return one line about the failure and what to do, or ``None`` for a bug, which needs its traceback."""
    match error:
        case EnvValidationError():
            name = str(error).split('"')[1]
            return f"{name}: {_one_line(' '.join(map(str, error.error_messages)))}"
        case EnvError() | ImproperlyConfigured():
            return _one_line(str(error))
        case DatabaseError() | sqlite3.Error():
            text = str(error).lower()
            known = next((sentence for part, sentence in _DATABASE_REASONS.items() if part in text), None)
            return known or _postgresql_reason()
        case OSError() if error.errno in NO_SPACE:
            return f"The disk is full{_where(error)}: free some space, or set DATA_DIR to a folder on a larger disk."
        case OSError() if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            return f"This user cannot write{_where(error)} ({reason_of(error)}): set DATA_DIR, or correct its owner."
    return None


def _postgresql_reason() -> str | None:
    """Return why PostgreSQL cannot be reached, ``None`` if it can: the pool's own message has no reason."""
    parameters = getattr(settings, "DATABASE_URL", {})
    return unreachable(parameters) if parameters else None


def reason_of(error: OSError) -> str:
    """Return the operating system's reason without the path."""
    return os.strerror(error.errno) if error.errno else str(error)


def _where(error: OSError) -> str:
    return f" at {error.filename}" if error.filename else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())
