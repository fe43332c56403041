"""Reads events of a client. The package's own reader would buffer as many bytes as the client announces."""

import asyncio
import json
from typing import Any

from wyoming.event import Event

from core.api.errors import ApiError
from core.limits import registry

MAX_BYTES = registry.MAX_WYOMING_EVENT_BYTES.default
"""Of an event's line, of its data, and of its payload: the events of a client contain text only."""


async def read_event(reader: asyncio.StreamReader) -> Event | None:
    """Return the next event; ``None`` at the end of the stream. Raises ``ApiError`` ``body_invalid``.

    ``reader`` must have been made with the limit ``MAX_BYTES``.
    """
    try:
        line = await reader.readline()
        if not line:
            return None
        header = _json_object(line)
        data = header.get("data") or {}
        if not isinstance(data, dict) or not isinstance(header.get("type"), str):
            raise _invalid()
        if size := _size(header, "data_length"):
            data |= _json_object(await reader.readexactly(size))
        if size := _size(header, "payload_length"):
            await reader.readexactly(size)
    except asyncio.IncompleteReadError:
        return None
    except ValueError:  # A line above the limit, or one that is not JSON.
        raise _invalid() from None
    return Event(header["type"], data)


def _json_object(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data.decode())
    except RecursionError:
        raise _invalid() from None
    if not isinstance(found, dict):
        raise _invalid()
    return found


def _size(header: dict[str, Any], name: str) -> int:
    size = header.get(name) or 0
    if not isinstance(size, int) or not 0 <= size <= MAX_BYTES:
        raise ApiError("body_too_large", f"{name} can be at most {MAX_BYTES} bytes.", param=name)
    return size


def _invalid() -> ApiError:
    message = f"Send Wyoming events: lines of JSON objects with a type, of at most {MAX_BYTES} bytes."
    return ApiError("body_invalid", message)
