"""Writes requirements.lock and requirements-dev.lock: every package with the hashes of all files of its version.

``make lock`` runs this. Torch and its GPU dependencies are left out: its CPU build comes from a different index,
with different hashes, and both builds must work.
constraints.txt pins its version.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LEFT_OUT = re.compile(r"torch|triton|nvidia-.*|cuda-.*")
"""Canonical names of packages."""
PLATFORM = "platform_python_implementation == 'CPython' and sys_platform == 'linux'"
OLDEST, NEWER = "3.11", "3.14"
FILES = {
    "requirements.lock": "Runtime dependencies, with the hashes of all files of every version.",
    "requirements-dev.lock": "Development dependencies that are not in requirements.lock.",
}
HEAD = "# {what} 'make lock' updates it.\n# Torch is not in it: scripts/lock.py says why.\n"


def resolved(*extras: str) -> str:
    """Return the packages that uv resolves for all Python versions and processors that the project supports."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "pyproject.toml"
        text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        held = f"{PLATFORM} and python_full_version < '{NEWER}'"
        project.write_text(f'{text}\n[tool.uv]\nenvironments = ["{held}"]\n', encoding="utf-8")
        options = ["--universal", "--python-version", OLDEST, "--generate-hashes", "--no-header", "--no-annotate"]
        command = [
            sys.executable,
            "-m",
            "uv",
            "pip",
            "compile",
            *options,
            "--constraint",
            str(ROOT / "constraints.txt"),
        ]
        made = subprocess.run(  # noqa: S603 - a fixed command
            [*command, *(f"--extra={extra}" for extra in extras), str(project)],
            cwd=folder,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    return made.stdout


def packages(text: str) -> dict[str, str]:
    """Return the lines of each package by name, without excluded packages and without markers that always hold."""
    for always in (f"python_full_version < '{NEWER}'", PLATFORM):
        for held, instead in ((f" ; {always} and ", " ; "), (f" ; {always}", ""), (f" and {always}", "")):
            text = text.replace(held, instead)
    found = re.finditer(r"^(\S+?)==(?:.*\\\n)*.*\n", text, re.MULTILINE)
    return {block[1]: block[0] for block in found if not LEFT_OUT.fullmatch(block[1])}


def main() -> None:
    """Write both files."""
    running, everything = packages(resolved()), packages(resolved("dev"))
    developing = {name: block for name, block in everything.items() if name not in running}
    for (name, what), found in zip(FILES.items(), (running, developing), strict=True):
        (ROOT / name).write_text(HEAD.format(what=what) + "".join(found.values()), encoding="utf-8")


if __name__ == "__main__":
    main()
