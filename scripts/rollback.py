"""Returns to an earlier version of the code, and restores a backup of its data if the database has changed since.

``scripts/rollback VERSION`` runs this. Everything is checked before anything changes. If a later step fails, the code
and the data of the current version are put back.
"""

import argparse
import json
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


class RollbackError(Exception):
    """The rollback is not possible, or has failed; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the rollback will do."""

    tag: str
    current: str
    """The commit or branch to return to if a step fails."""
    backup: Path | None
    """The backup to restore; ``None`` if both versions have the same migrations."""


def run(*command: str) -> str:
    """Run a command in the checkout, and return its output. Raises ``RollbackError`` with its last line."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    if done.returncode:
        words = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
        raise RollbackError(f"{shlex.join(command)} failed: {words}")
    return done.stdout.strip()


def manage(*arguments: str) -> str:
    """Run a command of ``manage.py``."""
    return run(sys.executable, "manage.py", *arguments)


def migrations(commit: str) -> set[str]:
    """Return the migrations of this project in a commit, as ``app.name``."""
    paths = run("git", "ls-tree", "-r", "--name-only", commit).splitlines()
    found = {tuple(path.removesuffix(".py").split("/")) for path in paths if "/migrations/" in path}
    return {f"{app}.{name}" for app, _, name in (parts for parts in found if len(parts) == 3) if name != "__init__"}


def matching_backup(backups: Path, wanted: set[str]) -> Path | None:
    """Return the newest backup whose database has exactly these migrations of this project."""
    apps = {name.partition(".")[0] for name in wanted}
    for manifest in sorted(backups.glob("[0-9]*/manifest.json"), reverse=True):
        try:
            applied = json.loads(manifest.read_text("utf-8"))["migrations"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if {name for name in applied if name.partition(".")[0] in apps} == wanted:
            return manifest.parent
    return None


def plan(version: str, backups: Path | None, backup: Path | None) -> Plan:
    """Check the version, the checkout and the backup. Raises ``RollbackError``; changes nothing."""
    tag = version if version.startswith("v") else f"v{version}"
    if tag not in run("git", "tag", "--list", "v*").split():
        known = ", ".join(run("git", "tag", "--list", "v*").split()) or "none: run 'git fetch --tags'"
        raise RollbackError(f"There is no version {tag}. Known versions: {known}.")
    if run("git", "status", "--porcelain", "--untracked-files=no"):
        raise RollbackError("The checkout has local changes. Commit or undo them: git status")
    branch = run("git", "rev-parse", "--abbrev-ref", "HEAD")
    current = branch if branch != "HEAD" else run("git", "rev-parse", "HEAD")
    wanted = migrations(tag)
    if backup is None and wanted != migrations("HEAD"):
        backup = matching_backup(backups, wanted) if backups is not None else None
        if backup is None:
            raise RollbackError(
                f"The database has changed since {tag}, and no backup of that version was found. "
                "Name the folder of the backups: --backups FOLDER"
            )
    if backup is not None:
        manage("restore", str(backup), "--check")
    return Plan(tag, current, backup)


def execute(plan: Plan, backups: Path | None, setup: Sequence[str]) -> None:
    """Restore the data, then the code. Raises ``RollbackError`` after everything is as before."""
    safety: Path | None = None
    if plan.backup is not None:
        destination = backups or plan.backup.parent
        say(f"Backing up the current data to {destination} ...")
        safety = Path(manage("backup", str(destination), "--include-key").splitlines()[0])
        say(f"Restoring {plan.backup} ...")
        manage("restore", str(plan.backup), "--overwrite")
    try:
        say(f"Checking out {plan.tag} ...")
        run("git", "checkout", "--quiet", plan.tag)
        say("Installing its packages ...")
        run(*setup)
    except RollbackError as error:
        say("Returning to the version before ...")
        run("git", "checkout", "--quiet", plan.current)
        if safety is not None:
            manage("restore", str(safety), "--overwrite")
        raise RollbackError(f"{error}. Code and data are as before.") from None


def say(text: str) -> None:
    """Print a step."""
    print(text, flush=True)  # noqa: T201


def main(arguments: Sequence[str]) -> int:
    """Run the command, and return its exit status."""
    parser = argparse.ArgumentParser(prog="scripts/rollback", description=__doc__.split("\n\n")[0])
    parser.add_argument("version", help="a version that was released before, such as 0.2.0")
    parser.add_argument("--backups", type=Path, metavar="FOLDER", help="where manage.py backup stores backups")
    parser.add_argument("--backup", type=Path, help="this backup, instead of the newest one of that version")
    parser.add_argument("--setup", default="make setup", metavar="COMMAND", help="installs the packages of the version")
    parser.add_argument(
        "--unit", metavar="NAME", help="systemd unit to stop before and start after, such as alphanumeric"
    )
    parser.add_argument("--check", action="store_true", help="only say what would be done")
    options = parser.parse_args(arguments)
    try:
        found = plan(options.version, options.backups, options.backup)
        data = f"restore {found.backup}" if found.backup else "keep the data, which both versions can use"
        say(f"From {found.current} to {found.tag}: {data}.")
        if options.check:
            return 0
        if options.unit:
            run("systemctl", "stop", options.unit)
        try:
            execute(found, options.backups, shlex.split(options.setup))
        finally:
            if options.unit:
                run("systemctl", "start", options.unit)
    except RollbackError as error:
        print(f"Error: {error}", file=sys.stderr)  # noqa: T201
        return 1
    say(f"This is {found.tag} now." + ("" if options.unit else " Start the server, then run scripts/health-check."))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
