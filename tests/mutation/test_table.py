"""The table matches the code, and each claim of SECURITY.md has an entry or a test."""

import ast
import re
from functools import cache
from itertools import product
from pathlib import Path

import pytest

from tests.mutation.mutation import Mutation, mutation
from tests.mutation.sandbox import ROOT
from tests.mutation.table import MUTATIONS

CLAIMS = (ROOT / "SECURITY.md").read_text("utf-8").split("## Trust boundaries", 1)[1].split("\n## ", 1)[0]
NAMED = re.compile(r"`([\w./*{},-]+(?:\.\w+|/))`")
ELSEWHERE = ("tests/e2e/", "tests/mutation/", "docs/", "requirements.lock")
"""Areas whose claims other tests verify: browsers, the table itself, documentation, and log output."""


def _name(one: Mutation) -> str:
    return f"{one.file}: {one.claim}"


@pytest.mark.parametrize("one", MUTATIONS, ids=_name)
def test_the_replacements_apply_to_the_code(one: Mutation) -> None:
    text = (ROOT / one.file).read_text("utf-8")
    without = one.without(text)
    assert without != text
    if one.file.endswith(".py"):
        ast.parse(without)


@pytest.mark.parametrize("one", MUTATIONS, ids=_name)
def test_the_named_tests_exist(one: Mutation) -> None:
    assert one.killed_by
    for name in one.killed_by:
        file, *inside = name.split("::")
        assert (ROOT / file).is_file(), name
        if inside:
            assert "::".join(inside) in _tests(file), name


def test_claims_are_unique() -> None:
    claims = [_name(one) for one in MUTATIONS]
    assert sorted(set(claims)) == sorted(claims)


LINES = [part for part in re.split(r"\n\n|\n(?=- )", CLAIMS)[1:] if not part.startswith(("#", "Each item names"))]


@pytest.mark.parametrize("line", LINES)
def test_every_item_of_security_md_is_in_the_table(line: str) -> None:
    known = {one.file for one in MUTATIONS} | {name.split("::")[0] for one in MUTATIONS for name in one.killed_by}
    files = [file for named in NAMED.findall(line) for file in _unfolded(named) if not file.startswith(ELSEWHERE)]
    assert files, "It must say where it is done, or which test shows it."
    assert [file for file in files if not any(name.startswith(file) for name in known)] == []
    assert [file for file in files if not (ROOT / file).exists()] == []


def test_security_md_is_parsed_completely() -> None:
    assert len(LINES) > 25
    assert _unfolded("a/{b,c}.py") == ["a/b.py", "a/c.py"]


def test_a_replaced_piece_must_occur_exactly_once() -> None:
    whole = mutation("Nothing comes in.", "a.py", {"if x:": "if True:"}, "tests/a.py")
    assert whole.without("if x:\n    y()\n") == "if True:\n    y()\n"
    for text in ("", "if x:\n if x:\n"):
        with pytest.raises(ValueError, match="times, not once"):
            whole.without(text)


def _unfolded(named: str) -> list[str]:
    """Expand ``a/{b,c}.py`` to the two files that it names."""
    parts = [part.split(",") for part in re.split(r"[{}]", named)]
    return ["".join(chosen) for chosen in product(*parts)] if "{" in named else [named]


@cache
def _tests(file: str) -> set[str]:
    """Return the tests of a file and its classes, as in pytest node ids after the file name."""
    found: set[str] = set()
    for node in ast.parse(Path(ROOT / file).read_text("utf-8")).body:
        if isinstance(node, ast.ClassDef):
            found |= {node.name, *(f"{node.name}::{name}" for name in _functions(node))}
    return found | set(_functions(ast.parse(Path(ROOT / file).read_text("utf-8"))))


def _functions(node: ast.Module | ast.ClassDef) -> list[str]:
    return [inner.name for inner in node.body if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef)]
