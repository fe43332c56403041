"""Runs the commands of the Makefile on systems without make: ``python -m scripts.dev run``, ``test`` or ``speak``."""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
SUPPORTED = ((3, 11), (3, 13))


def interpreter(venv: Path = VENV, platform: str = sys.platform) -> Path:
    """Return the interpreter of the virtual environment."""
    return venv / ("Scripts/python.exe" if platform == "win32" else "bin/python")


def setup_commands(python: str, *, develop: bool) -> list[list[str]]:
    """Return the commands that install the packages, as ``make setup`` and ``make setup-dev`` do."""
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install"]
    locks = ["--requirement", "requirements.lock"]
    locks += ["--requirement", "requirements-dev.lock"] if develop else []
    target = ".[dev]" if develop else "."
    return [
        [*pip, "--no-deps", "--require-hashes", *locks],
        [*pip, "--constraint", "constraints.txt", "--no-build-isolation", "--editable", target],
    ]


def commands(name: str, python: str, rest: Sequence[str]) -> list[list[str]]:
    """Return the commands of ``run``, ``test`` and ``speak``, which checks an installation."""
    if name == "run":
        return [[python, "manage.py", "serve", *rest]]
    if name == "speak":
        manage = [python, "manage.py"]
        install = [[*manage, "migrate", "--verbosity", "0"], [*manage, "voice", "add", "joe", "--default", "--replace"]]
        return [[*manage, "check"], *install, [*manage, "say", "Hello, alice.", "-o", "speech.wav", *rest]]
    checks = [[python, "-m", "ruff", "check", "."], [python, "-m", "mypy", "."]]
    return [*checks, [python, "-m", "pytest", "--ignore=tests/e2e", "-q", *rest]]


def prepare(*, develop: bool) -> str:
    """Make the virtual environment if it is missing, and return its interpreter."""
    python = interpreter()
    stamp = VENV / (".dev" if develop else ".run")
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], cwd=ROOT, check=True)  # noqa: S603 - fixed
    newest = max((ROOT / name).stat().st_mtime for name in ("pyproject.toml", "constraints.txt", "requirements.lock"))
    if not stamp.exists() or stamp.stat().st_mtime < newest:
        for command in setup_commands(str(python), develop=develop):
            subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603 - fixed
        stamp.touch()
    return str(python)


def main(arguments: Sequence[str]) -> int:
    """Run the command, and return the first exit status that is not 0."""
    parser = argparse.ArgumentParser(prog="python -m scripts.dev", description=__doc__)
    parser.add_argument("command", choices=("setup", "run", "test", "speak"))
    parser.add_argument("rest", nargs="*", help="passed on to the server, to pytest or to manage.py say")
    options = parser.parse_args(arguments)
    if not SUPPORTED[0] <= sys.version_info[:2] <= SUPPORTED[1]:
        sys.stderr.write("Python 3.11, 3.12 or 3.13 is needed.\n")
        return 1
    try:
        python = prepare(develop=options.command == "test")
    except subprocess.CalledProcessError as error:
        return int(error.returncode)
    for command in [] if options.command == "setup" else commands(options.command, python, options.rest):
        status = subprocess.run(command, cwd=ROOT, check=False).returncode  # noqa: S603 - fixed
        if status:
            return int(status)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
