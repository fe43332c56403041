"""Runs each target briefly, and all inputs of the corpus."""

import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synthesis.runtime import Runtime
from tests.fuzz.corpus import FOLDER, corpus_files
from tests.fuzz.loop import fault, minimize
from tests.fuzz.mutations import LONGEST, NASTY, mutate
from tests.fuzz.target import Target, TooSlowError, allowed_s
from tests.fuzz.targets import TARGETS
from tests.fuzz.web import Environment

QUICK = {"http": 80, "phonemes": 300, "theme-files": 300}
"""Examples for the slower targets; the others run several hundred."""
FAST = sorted(set(TARGETS) - {"http"})
UNITS = [
    b"a",
    b" ",
    b"\n",
    b"[",
    b'{"a":',
    b'"',
    b"\\",
    b"<a>",
    b"<!--",
    b"&amp;",
    b"1",
    b"9,",
    b"a.",
    b"- ",
    b": ",
    b"*",
]
UNITS += [
    "é\u0301".encode(),
    b"](",
    b"`",
    b"<dict><key>a</key>",
    b"a: b\n",
    b"  a:\n",
    b"\x1b[",
    b"http://",
    b"\xff",
    b"\x0a\x02\x08\x01",
]


@pytest.fixture
def prepared(request: pytest.FixtureRequest) -> Iterator[Target]:
    """Yield the named target in its environment."""
    target = TARGETS[request.param]
    with target.prepare():
        yield target


def _examples(target: Target) -> st.SearchStrategy[bytes]:
    seeds = target.seeds()
    changed = st.integers(0, 2**64).map(lambda seed: mutate(seeds, Random(seed)))  # noqa: S311 - not for cryptography
    return st.one_of(changed, changed, st.binary(max_size=300))


def _short_run(target: Target, name: str) -> None:
    @settings(max_examples=QUICK.get(name, 800), deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(_examples(target))
    def hold(data: bytes) -> None:
        target(data)

    hold()


@pytest.mark.parametrize(("prepared", "name"), [(name, name) for name in FAST], indirect=["prepared"])
def test_a_short_run(prepared: Target, name: str) -> None:
    _short_run(prepared, name)


@pytest.fixture
def http_target(runtime_with_voice: Runtime) -> Iterator[Target]:
    """Yield the HTTP target, which requires a database and a voice."""
    Environment.test = True
    with TARGETS["http"].prepare():
        yield TARGETS["http"]
    Environment.test = False


@pytest.mark.django_db(transaction=True)
def test_a_short_run_over_http(http_target: Target) -> None:
    for path in corpus_files("http"):
        http_target(path.read_bytes())
    for seed in http_target.seeds():
        http_target(seed)
    _short_run(http_target, "http")


@pytest.mark.parametrize(
    ("prepared", "path"),
    [(name, path) for name in FAST for path in corpus_files(name)],
    indirect=["prepared"],
    ids=lambda value: value.name if isinstance(value, Path) else value,
)
def test_the_corpus_passes(prepared: Target, path: Path) -> None:
    prepared(path.read_bytes())


@pytest.mark.parametrize("prepared", FAST, indirect=True)
def test_seeds_and_long_repetitions_pass(prepared: Target) -> None:
    """Valid inputs pass, and 50 KB of repeated data are processed within the time limit."""
    for seed in prepared.seeds():
        prepared(seed)
    for unit in UNITS:
        prepared((unit * LONGEST)[:LONGEST])


def test_every_corpus_folder_has_a_target() -> None:
    assert {path.name for path in FOLDER.iterdir() if path.is_dir()} <= set(TARGETS)


def _faulty(data: bytes) -> None:
    if b"<!" in data:
        raise KeyError(data)


def test_the_loop_finds_and_minimizes_failures() -> None:
    """Tests the harness with a faulty target."""
    target = Target(_faulty, lambda: [b"good"])
    random_source = Random(1)  # noqa: S311 - not for cryptography
    found = next(data for data in (mutate([b"good"], random_source) for _ in range(100_000)) if fault(target, data))
    place = fault(target, found)
    assert place.startswith("KeyError at test_fuzz.py")
    assert minimize(target, found, place) == b"<!"


def test_slow_inputs_are_reported() -> None:
    def slow(_: bytes) -> None:
        began = time.process_time()
        while time.process_time() - began <= allowed_s(b""):
            pass

    target = Target(slow, list)
    with pytest.raises(TooSlowError):
        target(b"")
    assert allowed_s(b" " * LONGEST) == pytest.approx(6)


def test_mutations_cover_common_parser_faults() -> None:
    random_source = Random(2)  # noqa: S311 - not for cryptography
    made = b"".join(mutate([b'{"a": 1}'], random_source) for _ in range(5000))
    assert sum(nasty in made for nasty in NASTY) > len(NASTY) * 0.9
