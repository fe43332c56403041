"""Starts a real PostgreSQL server for tests: ``python -m tests.postgres COMMAND`` runs a command with it and Redis."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.programs import lacks
from tests.redis import RedisServer

ROLE, PASSWORD, DATABASE = "alice", "made up: for/these tests", "terminal"
PROGRAMS = "/usr/lib/postgresql/*/bin/initdb"
"""Debian installs the server's programs outside of PATH."""


class PostgresServer:
    """A server without durability, on the same port after each restart. It never runs as root, which it refuses."""

    def __init__(self) -> None:
        # Not pytest's folder, which only the user of the tests can enter.
        self._temporary = tempfile.TemporaryDirectory(prefix="postgresql-", ignore_cleanup_errors=True)
        self._folder = folder = Path(self._temporary.name)
        self._programs = _programs()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        quoted = "made%20up%3A%20for%2Fthese%20tests"
        self.url = f"postgresql://{ROLE}:{quoted}@127.0.0.1:{self.port}/{DATABASE}"
        self._data = folder / "postgresql"
        if os.geteuid() == 0:
            shutil.chown(folder, _user())

    def start(self) -> None:
        """Start, creating the database the first time, and wait until the server accepts connections."""
        created = self._data.exists()
        if not created:
            password = self._folder / "password"
            password.write_text(PASSWORD)
            password.chmod(0o644)
            self._run(
                "initdb", "-D", self._data, "-U", ROLE, f"--pwfile={password}", "--auth=scram-sha-256", "--no-sync"
            )
        options = f"-p {self.port} -h 127.0.0.1 -k {self._folder} -c fsync=off -c full_page_writes=off"
        self._run("pg_ctl", "-D", self._data, "-w", "-l", self._folder / "log", "-o", options, "start")
        if not created:
            self._sql("postgres", f"CREATE DATABASE {DATABASE}")

    def stop(self) -> None:
        """Stop at once, ending all connections."""
        if (self._data / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", self._data, "-m", "immediate", "-w", "stop")

    def query(self, sql: str) -> str:
        """Return the rows of a query, one per line."""
        return self._sql(DATABASE, sql)

    def _sql(self, database: str, sql: str) -> str:
        command = [
            str(self._programs / "psql"),
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-U",
            ROLE,
            "-d",
            database,
            "-qAt",
        ]
        environment = {**os.environ, "PGPASSWORD": PASSWORD}
        done = subprocess.run(command, input=sql, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return str(done.stdout).strip()

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self._programs / program), *map(str, arguments)]
        user = _user() if os.geteuid() == 0 else None
        # Output to a file: the server inherits it, and would keep a pipe open.
        with (self._folder / f"{program}.out").open("w+") as out:
            status = subprocess.run(
                command,
                user=user,
                group=user and pwd.getpwnam(user).pw_gid,
                extra_groups=[] if user else None,
                cwd=self._folder,
                stdout=out,
                stderr=out,
                check=False,
            ).returncode
            out.seek(0)
            assert status == 0, out.read()


def _programs() -> Path:
    found = shutil.which("initdb")
    paths = [Path(found).resolve()] if found else sorted(Path("/").glob(PROGRAMS.lstrip("/")))
    return paths[-1].parent if paths else lacks("PostgreSQL is missing: apt install postgresql")


def _user() -> str:
    """Return the user that Debian's package creates."""
    return "postgres"


def main(command: list[str]) -> int:
    """Run ``command`` with DATABASE_URL and REDIS_URL of temporary servers, and return its status."""
    with tempfile.TemporaryDirectory() as folder:
        postgres, redis = PostgresServer(), RedisServer(Path(folder))
        try:
            postgres.start()
            redis.start()
            environment = {**os.environ, "DATABASE_URL": postgres.url, "REDIS_URL": redis.url}
            return subprocess.run(command, env=environment, check=False).returncode
        finally:
            redis.kill()
            postgres.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
