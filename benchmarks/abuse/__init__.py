"""Benchmarks of denial of service: the latency of a normal listener during attacks on sockets and connections."""

from benchmarks.abuse.sockets import BENCHMARK

__all__ = ["BENCHMARK"]
