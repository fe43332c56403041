"""Log lines with fields: in a text log as ``name=value``, in a JSON log as members of the object."""

import logging
import re

Field = str | int | float | bool | None

_PLAIN = re.compile(r"[\w.:/+-]{1,100}", re.ASCII)


def log_event(logger: logging.Logger, level: int, name: str, /, **fields: Field) -> None:
    """Log the event ``name`` with ``fields``; those that are ``None`` are left out.

    Never pass a user's text, a token or a whole address.
    """
    if logger.isEnabledFor(level):
        given = {key: value for key, value in fields.items() if value is not None}
        words = (f"{key}={_shown(value)}" for key, value in given.items())
        logger.log(level, "%s %s", name, " ".join(words), extra={"fields": {"event": name, **given}})


def _shown(value: Field) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if _PLAIN.fullmatch(text) else repr(text[:100])
