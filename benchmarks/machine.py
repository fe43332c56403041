"""Describes the machine that ran the benchmarks."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("onnxruntime", "numpy", "django", "channels", "daphne", "coqui-tts", "torch", "piper-tts")
IDLE_LOAD = 0.5
"""Load average of the last minute from which figures are marked."""


def machine() -> dict[str, str]:
    """Return a description of the machine, its software, and the synthesis settings that differ from their defaults."""
    libc, libc_version = platform.libc_ver()
    facts = {
        "machine": f"{_processor()}, {len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.2f}",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}, {libc} {libc_version}".rstrip(", "),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "packages": ", ".join(f"{name} {_version(name)}" for name in PACKAGES),
    }
    changed = [f"{name}={value}" for name, value in sorted(os.environ.items()) if name.startswith("SYNTHESIS_")]
    return facts | ({"settings": " ".join(changed)} if changed else {})


def load_warning() -> str:
    """Return a warning if other programs use the machine; empty if it is idle."""
    load = os.getloadavg()[0]
    if load < IDLE_LOAD:
        return ""
    return f"Not an idle machine (load average {load:.1f}): compare only rows of this run, and times not at all."


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    # Other architectures than x86 have no such line.
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, "") or platform.machine()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "(missing)"
