"""What a polite listener notices of somebody who asks for far too much: over sockets, and by bytes and connections."""

from benchmarks.abuse.sockets import BENCHMARK

__all__ = ["BENCHMARK"]
