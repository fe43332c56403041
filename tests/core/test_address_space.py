"""The kernel's limit on the address space, set in a process of its own."""

import subprocess
import sys

import pytest
from django.conf import settings

from core.process import address_space

CODE = """
import resource, subprocess, sys
from core.process.address_space import limit_growth, lift_limit
limit = limit_growth(100_000_000)
assert limit == resource.getrlimit(resource.RLIMIT_AS)[0]
kept = bytearray(30_000_000)
try:
    bytearray(200_000_000)
except MemoryError:
    print("refused")
assert limit_growth(10**12) == limit
child = "from core.process.address_space import lift_limit; lift_limit(); print(len(bytearray(200_000_000)))"
subprocess.run([sys.executable, "-c", child], check=True)
"""


def test_the_kernel_refuses_memory_beyond_the_limit() -> None:
    """A later, higher limit changes nothing, and a child process that needs more can lift it."""
    command = [sys.executable, "-c", CODE]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()) == (0, ["refused", "200000000"]), done.stderr


def test_without_the_call_nothing_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address_space, "PAGES", settings.BASE_DIR / "missing")
    assert address_space.limit_growth(1) is None
    monkeypatch.setattr(address_space, "resource", None)
    assert address_space.limit_growth(1) is None
    address_space.lift_limit()
