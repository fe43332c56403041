"""Checks that each locked dependency has a wheel for each supported platform: nothing needs a compiler there.

``python -m scripts.wheels`` asks the package index through uv, which also evaluates the markers of the lock file.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLATFORMS = {
    "Linux x86-64": "x86_64-manylinux_2_28",
    "Linux arm64": "aarch64-manylinux_2_28",
    "macOS arm64": "aarch64-apple-darwin",
    "Windows x86-64": "x86_64-pc-windows-msvc",
}
"""uv's names of the platforms."""
PYTHON = "3.12"
MACOS = "14.0"
"""The oldest macOS: onnxruntime has no wheels for earlier ones."""
PURE = {"docopt"}
"""Packages without a wheel that pip builds without a compiler: they contain only Python."""
_MISSING = re.compile(r"(?:Because|because|And because|and) (?:only )?([a-z0-9._-]+)(?:==| )", re.IGNORECASE)


def pins(lock: str) -> dict[str, str]:
    """Return the requirement with its marker for each package of a lock file, without hashes."""
    lines = re.findall(r"^([A-Za-z0-9._-]+)==([^\s\\]+)((?: ; [^\\\n]+)?)", lock, re.MULTILINE)
    return {name: f"{name}=={version}{marker.rstrip()}" for name, version, marker in lines if name not in PURE}


def resolve(requirements: Sequence[str], platform: str) -> str:
    """Return uv's complaint about these requirements with wheels only; empty if all have one."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "requirements.in"
        file.write_text("\n".join(requirements) + "\n", encoding="utf-8")
        command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-deps", "--only-binary=:all:"]
        options = [f"--python-platform={platform}", f"--python-version={PYTHON}", str(file)]
        own = {**os.environ, "MACOSX_DEPLOYMENT_TARGET": MACOS}
        done = subprocess.run([*command, *options], env=own, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    return " ".join(done.stderr.split()) if done.returncode else ""


def missing(
    wanted: dict[str, str], platform: str, ask: Callable[[Sequence[str], str], str] = resolve
) -> dict[str, str]:
    """Return uv's complaint for each package without a wheel. Raises ``RuntimeError`` if it names no package."""
    left, found = dict(wanted), {}
    while complaint := ask(list(left.values()), platform):
        named = [name for name in map(str.lower, _MISSING.findall(complaint)) if name in left]
        if not named:
            raise RuntimeError(complaint)
        found[named[0]] = complaint
        del left[named[0]]
    return found


def main() -> int:
    """Print the result of each platform, and return 1 if a wheel is missing."""
    wanted = pins((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    status = 0
    for title, platform in PLATFORMS.items():
        without = missing(wanted, platform)
        status |= bool(without)
        sys.stdout.write(f"{title}: {len(wanted) - len(without)} of {len(wanted)} packages have wheels\n")
        sys.stdout.write("".join(f"  {name}: {why[:200]}\n" for name, why in sorted(without.items())))
    return status


if __name__ == "__main__":
    sys.exit(main())
