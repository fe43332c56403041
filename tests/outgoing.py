"""``python -m tests.outgoing COMMAND``: run it in a network namespace, and print its packets to other hosts.

In the namespace every address is local, so name resolution and connections, also by C++ libraries, are packets on the
loopback interface, which this program reads. Requires Linux and util-linux's ``unshare``.
"""

import fcntl
import os
import select
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from pathlib import Path

ROOT = Path(__file__).parents[1]
NAMESPACE = ("unshare", "--map-root-user", "--net")
ALL_PROTOCOLS = 3
UDP, TCP, DNS_PORT = 17, 6, 53
_SIOCSIFFLAGS, _IFF_UP, _LOOPBACK_INDEX = 0x8914, 1, 1


def why_not() -> str | None:
    """Return why this machine cannot run a command in a network namespace, or ``None`` if it can."""
    try:
        result = subprocess.run([*NAMESPACE, "true"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "util-linux's unshare is not installed"
    return None if result.returncode == 0 else f"network namespaces are not permitted: {result.stderr.strip()}"


def outgoing(command: Sequence[str], home: Path, **environment: str) -> tuple[int, list[str], str]:
    """Run ``command`` in a network namespace, with ``home`` as the user's home folder.

    Returns its exit status, its packets to other hosts and name servers, and its output.
    """
    # ONNX Runtime sends no telemetry if CI is set, so the test would detect nothing.
    dropped = ("CI", "GITHUB_ACTIONS")
    inherited = {
        name: value for name, value in os.environ.items() if name not in dropped and not name.lower().endswith("_proxy")
    }
    own = {**inherited, "HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache"), **environment}
    watched = [*NAMESPACE, sys.executable, "-m", "tests.outgoing", *command]
    result = subprocess.run(watched, cwd=ROOT, env=own, capture_output=True, text=True, check=False)
    lines = result.stdout.splitlines()
    return result.returncode, [line for line in lines if line.startswith("outgoing ")], result.stdout + result.stderr


def main(command: list[str]) -> int:
    """Run ``command`` within the namespace and print its packets."""
    _open_loopback()
    seen: set[str] = set()
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL_PROTOCOLS)) as packets:
        packets.bind(("lo", 0))
        process = subprocess.Popen(command)
        while process.poll() is None or select.select([packets], [], [], 0)[0]:
            for line in _read(packets):
                if line not in seen:
                    seen.add(line)
                    sys.stdout.write(f"outgoing {line}\n")
                    sys.stdout.flush()
    return process.returncode


def _read(packets: socket.socket) -> Iterator[str]:
    if not select.select([packets], [], [], 0.2)[0]:
        return
    packet = packets.recv(2048)[14:]
    if packet[0] >> 4 == 4:
        protocol, destination, rest = packet[9], ip_address(packet[16:20]), packet[(packet[0] & 15) * 4 :]
    else:
        protocol, destination, rest = packet[6], ip_address(packet[24:40]), packet[40:]
    port = int.from_bytes(rest[2:4], "big") if protocol in (UDP, TCP) else 0
    if not destination.is_loopback or port == DNS_PORT:
        question = f" {rest[20:60]!r}" if port == DNS_PORT else ""
        yield f"{destination} protocol {protocol} port {port}{question}"


def _open_loopback() -> None:
    """Enable the loopback interface, and route every address to it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", _IFF_UP))
    for family in (socket.AF_INET, socket.AF_INET6):
        _route_all(family)


def _route_all(family: int) -> None:
    """Add the route ``local default dev lo`` by rtnetlink (``man 7 rtnetlink``)."""
    local_table, by_boot, of_host, local = 255, 3, 254, 2
    route = struct.pack("BBBBBBBBI", family, 0, 0, 0, local_table, by_boot, of_host, local, 0)
    interface = struct.pack("HHI", 8, 4, _LOOPBACK_INDEX)
    new_route, request_create_and_acknowledge = 24, 0x405
    size = 16 + len(route) + len(interface)
    head = struct.pack("IHHII", size, new_route, request_create_and_acknowledge, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as kernel:
        kernel.send(head + route + interface)
        error = struct.unpack_from("i", kernel.recv(4096), 16)[0]
    if error and family == socket.AF_INET:
        raise OSError(-error, os.strerror(-error))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
