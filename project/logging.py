"""Log filters, and a formatter that writes each record as one line of JSON."""

import json
import logging
from datetime import UTC, datetime

from django.db import OperationalError

from core.errors import StorageUnavailableError
from core.logs import correlation

UNAVAILABLE = (OperationalError, StorageUnavailableError)


def skip_readiness_probe(record: logging.LogRecord) -> bool:
    """Drop records about ``/readyz``: orchestrators poll it every second, and 503 is an expected answer."""
    return getattr(getattr(record, "request", None), "path_info", None) != "/readyz"


LONGEST = 500
"""Characters of a logged message. Django logs the path of each 404, which may have 16,000."""


def demote_suspicious_operation(record: logging.LogRecord) -> bool:
    """Log client errors and unavailable storage as one short warning.

    Django would log them as errors, with a traceback and the whole path.
    """
    error = record.exc_info[1] if record.exc_info else None
    refused = record.name == "django.request" and getattr(record, "status_code", 500) < 500
    if refused or record.name.startswith("django.security.") or isinstance(error, UNAVAILABLE):
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.exc_info = record.exc_text = None
        message = record.getMessage()
        if len(message) > LONGEST:
            record.msg, record.args = f"{message[:LONGEST]}...", ()
    return True


def add_correlation_id(record: logging.LogRecord) -> bool:
    """Add the correlation id of the work in progress, as ``correlation_id`` and as ``reference`` for the text form."""
    correlation_id = correlation.current()
    record.__dict__.update(correlation_id=correlation_id, reference=f"[{correlation_id}] " if correlation_id else "")
    return True


class JsonFormatter(logging.Formatter):
    """Formats a record as JSON: time (ISO 8601, UTC), level, logger, message and, where they exist, other members.

    These are the ``correlation_id``, the fields of an event, and after an exception the ``traceback``.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Render ``record`` as one line of JSON."""
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if correlation_id := getattr(record, "correlation_id", None):
            entry["correlation_id"] = correlation_id
        entry |= getattr(record, "fields", {})
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)
