"""The same targets, guided by coverage: needs atheris, which is no part of what developing needs."""

import sys
import tempfile
from pathlib import Path
from typing import NoReturn

from tests.fuzz.target import Target

ROOMS = ["accounts", "project", "synthesis", "terminal", "themes", "yaml"]
"""What is watched; YAML's parser with it, which is Python."""


def instrumented() -> None:
    """Import what is to be watched while atheris looks on. Before anything else imports it."""
    import atheris

    with atheris.instrument_imports(include=ROOMS):
        import django

        django.setup()
        import tests.fuzz.targets  # noqa: F401 - imported to be watched


def guided(name: str, target: Target, cases: int) -> NoReturn:
    """Run until something is found or so many cases were tried; libFuzzer ends the process and keeps what it found."""
    import atheris

    from tests.fuzz.corpus import FOLDER, kept

    (FOLDER / name).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, target.prepare():
        inputs = [*target.seeds(), *(path.read_bytes() for path in kept(name))]
        for number, data in enumerate(inputs):
            (Path(folder) / str(number)).write_bytes(data)
        options = [f"-atheris_runs={cases}", "-max_len=51200", f"-artifact_prefix={FOLDER / name}/"]
        atheris.Setup([sys.argv[0], *options, folder], target)
        atheris.Fuzz()
    raise SystemExit(0)
