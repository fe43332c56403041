"""The log: JSON where asked for, and no line that says nothing."""

import json
import logging
import sys

from django.test import RequestFactory

from project.logs import JsonFormatter, worth_telling


def record(**extra: object) -> logging.LogRecord:
    return logging.makeLogRecord(
        {"name": "terminal", "levelname": "ERROR", "msg": "broke: %s", "args": ("é",), **extra}
    )


def test_a_line_is_an_object() -> None:
    line = JsonFormatter().format(record())
    entry = json.loads(line)
    assert "\n" not in line
    assert (entry["level"], entry["logger"], entry["message"]) == ("ERROR", "terminal", "broke: é")
    assert entry["time"].endswith("+00:00")


def test_a_traceback_is_in_it() -> None:
    try:
        raise ValueError("here")
    except ValueError:
        entry = json.loads(JsonFormatter().format(record(exc_info=sys.exc_info())))
    assert "ValueError: here" in entry["traceback"]


def test_readiness_is_not_told() -> None:
    requests = RequestFactory()
    assert worth_telling(record())
    assert worth_telling(record(request=requests.get("/")))
    assert not worth_telling(record(request=requests.get("/readyz")))
