"""Log format and log filters."""

import json
import logging
import sys

from django.test import RequestFactory

from project.logging import LONGEST, JsonFormatter, demote_suspicious_operation, skip_readiness_probe


def record(**extra: object) -> logging.LogRecord:
    return logging.makeLogRecord(
        {"name": "terminal", "levelname": "ERROR", "msg": "broke: %s", "args": ("é",), **extra}
    )


def test_a_record_is_one_json_object() -> None:
    line = JsonFormatter().format(record())
    entry = json.loads(line)
    assert "\n" not in line
    assert (entry["level"], entry["logger"], entry["message"]) == ("ERROR", "terminal", "broke: é")
    assert entry["time"].endswith("+00:00")


def test_a_traceback_is_included() -> None:
    try:
        raise ValueError("here")
    except ValueError:
        entry = json.loads(JsonFormatter().format(record(exc_info=sys.exc_info())))
    assert "ValueError: here" in entry["traceback"]


def test_readiness_probes_are_not_logged() -> None:
    requests = RequestFactory()
    assert skip_readiness_probe(record())
    assert skip_readiness_probe(record(request=requests.get("/")))
    assert not skip_readiness_probe(record(request=requests.get("/readyz")))


def test_a_suspicious_operation_is_one_line() -> None:
    try:
        raise ValueError("here")
    except ValueError:
        ours, theirs = (record(name=name, exc_info=sys.exc_info()) for name in ("terminal", "django.security.X"))
    assert demote_suspicious_operation(ours)
    assert demote_suspicious_operation(theirs)
    assert (ours.levelname, ours.exc_info is None) == ("ERROR", False)
    entry = json.loads(JsonFormatter().format(theirs))
    assert (entry["level"], entry["message"], "traceback" in entry) == ("WARNING", "broke: é", False)


def test_a_rejected_request_is_one_short_line() -> None:
    wrong = {"name": "django.request", "msg": "Not Found: %s", "args": ("/" + "x" * 16_000,), "exc_info": (None,) * 3}
    refused, failed = record(**wrong, status_code=404), record(**wrong, status_code=500)
    assert demote_suspicious_operation(refused)
    assert demote_suspicious_operation(failed)
    assert (len(refused.getMessage()), refused.exc_info) == (LONGEST + 3, None)
    assert (len(failed.getMessage()), failed.exc_info) == (16_012, (None,) * 3)
