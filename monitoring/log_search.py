"""Finds the lines of a log that have a correlation id. Pure."""

import json
import re
from collections.abc import Iterable, Iterator

SHORTEST = 6
"""Characters of an id that are enough to search for it: pages show its beginning."""
_ID = re.compile(rf"[0-9A-Za-z-]{{{SHORTEST},64}}", re.ASCII)
_TEXT_RECORD = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (DEBUG|INFO|WARNING|ERROR|CRITICAL) ")


def is_searchable(correlation_id: str) -> bool:
    """Return whether the argument is a correlation id, or the beginning of one."""
    return bool(_ID.fullmatch(correlation_id))


def matching_lines(lines: Iterable[str], correlation_id: str) -> Iterator[str]:
    """Yield the lines whose id begins with ``correlation_id``, each with the lines of its traceback.

    Understands both forms of ``LOG_FORMAT``, also behind a prefix such as that of ``journalctl``.
    """
    in_text = re.compile(rf" \[{re.escape(correlation_id)}[0-9A-Za-z-]*\] ")
    found = False
    for line in lines:
        record = _json_record(line)
        if record is not None:
            found = str(record.get("correlation_id", "")).startswith(correlation_id)
        elif _TEXT_RECORD.search(line):
            found = bool(in_text.search(line))
        if found:
            yield line


def _json_record(line: str) -> dict[str, object] | None:
    begin = line.find('{"time": ')
    if begin < 0:
        return None
    try:
        record = json.loads(line[begin:])
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None
