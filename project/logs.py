"""Log lines as JSON objects, one a line, for machines that read them."""

import json
import logging
from datetime import UTC, datetime


def worth_telling(record: logging.LogRecord) -> bool:
    """Leave out that ``/readyz`` answered 503: whoever asks is told so, and asks again every second."""
    return getattr(getattr(record, "request", None), "path_info", None) != "/readyz"


def briefly(record: logging.LogRecord) -> bool:
    """What a stranger sent wrong is no fault of ours: Django's error with a traceback becomes one line, a warning."""
    if record.name.startswith("django.security."):
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.exc_info = record.exc_text = None
    return True


class JsonFormatter(logging.Formatter):
    """time (ISO 8601, UTC), level, logger, message, and the traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Render ``record`` as one line of JSON."""
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)
