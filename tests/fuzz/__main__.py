"""``python -m tests.fuzz TARGET --cases N``: a long run. ``all`` runs all targets in turn."""

import argparse
import os
import sys
import tempfile
from pathlib import Path


def main() -> int:
    """Run the targets; save and report failing inputs. The exit status is 1 if any was found."""
    wanted = _arguments()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    if wanted.atheris:
        from tests.fuzz.guided import import_instrumented

        import_instrumented()
    import django

    django.setup()
    from tests.fuzz.targets import TARGETS

    if wanted.target not in (*TARGETS, "all"):
        sys.stderr.write(f"There is no target {wanted.target}. Targets: {', '.join(TARGETS)}, all.\n")
        return 2
    if wanted.atheris:
        from tests.fuzz.guided import run_guided

        run_guided(wanted.target, TARGETS[wanted.target], wanted.cases)
    names = list(TARGETS) if wanted.target == "all" else [wanted.target]
    return max(_long(name, wanted.cases, wanted.seed) for name in names)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target")
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--atheris", action="store_true", help="coverage-guided fuzzing; requires pip install '.[fuzz]'"
    )
    return parser.parse_args()


def _long(name: str, cases: int, seed: int) -> int:
    from tests.fuzz.corpus import corpus_files, save_input
    from tests.fuzz.loop import run
    from tests.fuzz.targets import TARGETS

    target = TARGETS[name]
    last = Path(tempfile.gettempdir()) / f"alphanumeric-fuzz-{os.getpid()}"
    with target.prepare(), last.open("wb", buffering=0) as scratch:

        def before(data: bytes) -> None:
            scratch.seek(0)
            scratch.write(len(data).to_bytes(4, "big") + data)

        outcome = run(
            target, [*target.seeds(), *(path.read_bytes() for path in corpus_files(name))], cases, seed, before
        )
    last.unlink()
    rate = outcome.cases / max(outcome.seconds, 1e-9)
    sys.stdout.write(
        f"{name}: {outcome.cases:,} cases in {outcome.seconds:.0f} s ({60 * rate:,.0f} per minute),"
        f" slowest {outcome.slowest_s:.2f} s, found {len(outcome.found)}\n"
    )
    for place, data in outcome.found.items():
        sys.stdout.write(f"  {place}\n    {save_input(name, data)}: {data[:100]!r}\n")
    sys.stdout.flush()
    return 1 if outcome.found else 0


sys.exit(main())
