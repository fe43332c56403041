"""Notifies systemd when the server is ready and when it stops (``sd_notify(3)``), without a package for it."""

import os
import socket


def notify(state: str) -> None:
    """Send ``state``, such as ``READY=1``, to the service manager; without one, or if it fails, do nothing."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")) or not hasattr(socket, "AF_UNIX"):
        return
    # A leading "@" stands for the zero byte of an abstract socket.
    target = "\0" + address[1:] if address.startswith("@") else address
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            channel.sendto(state.encode(), target)
    except OSError:
        # The service manager then reports the timeout of the start itself.
        return
