"""Log lines with fields: in a text log as ``name=value``, in a JSON log as members of the object.

Events that took time are also spans, which ``monitoring.tracing`` exports if the operator names a collector.
"""

import logging
import re
from collections.abc import Callable, Mapping

Field = str | int | float | bool | None
SpanSink = Callable[[str, float, Mapping[str, Field]], None]
"""Takes the name, the seconds and the fields of a span that has just ended. Must not block."""

_span_sinks: list[SpanSink] = []

_PLAIN = re.compile(r"[\w.:/+-]{1,100}", re.ASCII)


def log_event(logger: logging.Logger, level: int, name: str, /, **fields: Field) -> None:
    """Log the event ``name`` with ``fields``; those that are ``None`` are left out.

    Never pass a user's text, a token or a whole address.
    """
    if logger.isEnabledFor(level):
        given = {key: value for key, value in fields.items() if value is not None}
        words = (f"{key}={_shown(value)}" for key, value in given.items())
        logger.log(level, "%s %s", name, " ".join(words), extra={"fields": {"event": name, **given}})


def log_span(logger: logging.Logger, level: int, name: str, seconds: float, /, **fields: Field) -> None:
    """Log the event ``name`` at the end of work that took ``seconds``, and pass it to the sinks of spans.

    The sinks also receive events whose level is not logged. The same rule applies to ``fields``.
    """
    log_event(logger, level, name, **fields)
    for sink in _span_sinks:
        sink(name, seconds, fields)


def add_span_sink(sink: SpanSink) -> Callable[[], None]:
    """Have ``sink`` receive all spans, and return a function that ends this."""
    _span_sinks.append(sink)
    return lambda: _span_sinks.remove(sink)


def _shown(value: Field) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if _PLAIN.fullmatch(text) else repr(text[:100])
