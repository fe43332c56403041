"""A TCP proxy between browser and server with latency, limited bandwidth and disconnection."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.e2e.server import HOST

CHUNK = 1024
HEAD = 64 * 1024


class Proxy:
    """Forwards bytes: requests with ``latency_s`` delay, responses at ``bytes_per_s`` over all connections."""

    def __init__(
        self, port: int, *, latency_s: float = 0.0, bytes_per_s: float = float("inf"), upgrades: bool = True
    ) -> None:
        """Without ``upgrades``, remove the header that makes a request a websocket handshake, as nginx does."""
        self._upgrades = upgrades
        self._upstream = (HOST, port)
        self._latency_s = latency_s
        self._bytes_per_s = bytes_per_s
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._free_at = 0.0
        self._listener = socket.create_server((HOST, 0))
        self.url = f"http://{HOST}:{self._listener.getsockname()[1]}/"
        self._connected = True
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Close all connections, and reject new ones."""
        self._connected = False
        with self._lock:
            broken = list(self._open)
        for each in broken:
            _shut(each)

    def restore(self) -> None:
        """Accept connections again."""
        self._connected = True

    def close(self) -> None:
        """Close the proxy and its connections."""
        _shut(self._listener)
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            if not self._connected:
                return
            with socket.create_connection(self._upstream) as server:
                pair = {client, server}
                with self._lock:
                    self._open |= pair
                up = threading.Thread(target=self._up, args=(client, server), daemon=True)
                up.start()
                self._down(server, client)
                _shut(server)
                up.join()
                with self._lock:
                    self._open -= pair

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(HEAD):
                time.sleep(self._latency_s)
                server.sendall(data if self._upgrades else data.replace(b"Upgrade: websocket\r\n", b""))
        _shut(server)

    def _down(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(CHUNK):
                self._wait(len(data))
                client.sendall(data)
        _shut(client)

    def _wait(self, size: int) -> None:
        """Wait as long as the bandwidth requires. Sleeps because it simulates the network's time."""
        with self._lock:
            now = time.monotonic()
            self._free_at = max(now, self._free_at) + size / self._bytes_per_s
            pause = self._free_at - now
        time.sleep(pause)


@contextmanager
def proxied(
    port: int, *, latency_s: float = 0.0, bytes_per_s: float = float("inf"), upgrades: bool = True
) -> Iterator[Proxy]:
    """Yield a proxy to the server on that port."""
    proxy = Proxy(port, latency_s=latency_s, bytes_per_s=bytes_per_s, upgrades=upgrades)
    try:
        yield proxy
    finally:
        proxy.close()


def _shut(each: socket.socket) -> None:
    with suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
