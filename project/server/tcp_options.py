"""Options and counters of TCP connections, where the operating system has them; other transports have neither."""

import socket
import struct
from contextlib import suppress
from typing import Any

UNSENT_BYTES = 64 * 1024
"""Bytes of a streamed response that the system accepts before the network can take them: some seconds of audio.

Without a bound, it accepts megabytes: minutes of speech are synthesized for a client that reads slowly or has gone.
The bytes on their way through the network do not count, so the throughput of fast, long links does not suffer.
"""
_ACKNOWLEDGED = struct.Struct("=120xQ")
"""``tcpi_bytes_acked`` in Linux' ``struct tcp_info`` (include/uapi/linux/tcp.h, since 4.1)."""


def limit_unsent_bytes(transport: Any) -> None:
    """Bound the unsent bytes of a Twisted ``transport`` to ``UNSENT_BYTES`` (``TCP_NOTSENT_LOWAT``)."""
    option = getattr(socket, "TCP_NOTSENT_LOWAT", None)
    if option is not None and (handle := _handle(transport)) is not None:
        with suppress(OSError):
            handle.setsockopt(socket.IPPROTO_TCP, option, UNSENT_BYTES)


def acknowledged_bytes(transport: Any) -> int:
    """Return the bytes that the other end's system has received from a Twisted ``transport``; 0 where unknown."""
    option = getattr(socket, "TCP_INFO", None)
    if option is None or (handle := _handle(transport)) is None:
        return 0
    try:
        (received,) = _ACKNOWLEDGED.unpack(handle.getsockopt(socket.IPPROTO_TCP, option, _ACKNOWLEDGED.size))
    except (OSError, struct.error):
        return 0
    return int(received)


def _handle(transport: Any) -> socket.socket | None:
    get = getattr(transport, "getHandle", None)
    handle = None if get is None else get()
    return handle if isinstance(handle, socket.socket) else None
