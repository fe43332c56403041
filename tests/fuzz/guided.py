"""Coverage-guided fuzzing of the same targets; requires atheris, which is not a development dependency."""

import sys
import tempfile
from pathlib import Path
from typing import NoReturn

from tests.fuzz.target import Target

INSTRUMENTED = ["accounts", "project", "synthesis", "terminal", "themes", "yaml"]
"""Packages whose coverage is measured, including YAML's parser, which is pure Python."""


def import_instrumented() -> None:
    """Import the packages with atheris's instrumentation. Must be called before any other import of them."""
    import atheris

    with atheris.instrument_imports(include=INSTRUMENTED):
        import django

        django.setup()
        import tests.fuzz.targets  # noqa: F401 - imported for instrumentation


def run_guided(name: str, target: Target, cases: int) -> NoReturn:
    """Run up to ``cases`` inputs, or until one fails; libFuzzer then exits the process and saves the input."""
    import atheris

    from tests.fuzz.corpus import FOLDER, corpus_files

    (FOLDER / name).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, target.prepare():
        inputs = [*target.seeds(), *(path.read_bytes() for path in corpus_files(name))]
        for number, data in enumerate(inputs):
            (Path(folder) / str(number)).write_bytes(data)
        options = [f"-atheris_runs={cases}", "-max_len=51200", f"-artifact_prefix={FOLDER / name}/"]
        atheris.Setup([sys.argv[0], *options, folder], target)
        atheris.Fuzz()
    raise SystemExit(0)
