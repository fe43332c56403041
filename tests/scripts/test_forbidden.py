"""The project does not execute text or insert it as markup; every exception from ruff's checks has a reason."""

import re

import pytest

from tests.scripts.forbidden import POSSESSIVE_GROUP, ROOT, SCRIPT, TEMPLATE, in_python, modules, pages

MANUAL = "manual/chapters.py"
"""Inserts the project's own Markdown, which markdown-it-py renders with HTML escaped (tests/manual)."""


def test_python_files_use_no_forbidden_construct() -> None:
    found = {str(path.relative_to(ROOT)): wrong for path in modules() if (wrong := in_python(path.read_text("utf-8")))}
    assert [wrong.partition(": ")[2] for wrong in found.pop(MANUAL)] == ["django.utils.safestring.mark_safe"]
    assert found == {}
    assert len(modules()) > 100


def test_no_pattern_repeats_a_group_possessively() -> None:
    found = {str(path.relative_to(ROOT)): POSSESSIVE_GROUP.findall(path.read_text("utf-8")) for path in modules()}
    assert {path for path, groups in found.items() if groups} == set()


def test_pages_use_no_forbidden_construct() -> None:
    found = {
        str(path.relative_to(ROOT)): match[0]
        for path, pattern in pages().items()
        if (match := pattern.search(path.read_text("utf-8")))
    }
    assert found == {}
    assert len(pages()) > 40


@pytest.mark.parametrize(
    "source",
    [
        "eval('1')",
        "exec(text)",
        "import pickle\npickle.loads(data)",
        "from pickle import load as read\nread(file)",
        "import pickle as p\np.Unpickler(file).load()",
        "import torch\ntorch.load(path)",
        "import torch\ntorch.load(path, weights_only=False)",
        "from torch import load\nload(path, weights_only=safe)",
        "import yaml\nyaml.load(text, Loader=yaml.SafeLoader)",
        "import subprocess\nsubprocess.run('ls', shell=True)",
        "import subprocess as s\ns.Popen(c, shell=wanted)",
        "import os\nos.system('ls')",
        "from os import system\nrun = system",
        "from django.utils.safestring import mark_safe\nmark_safe(text)",
        "from django.utils import safestring\nsafestring.mark_safe(text)",
        "import numpy as np\nnp.load(path, allow_pickle=True)",
        "from django.utils.safestring import SafeString\nSafeString(text)",
        "def inner():\n    from os import popen\n    popen('ls')",
    ],
)
def test_forbidden_constructs_are_found(source: str) -> None:
    assert in_python(source)


@pytest.mark.parametrize(
    "source",
    [
        "model.eval()",
        "import torch\ntorch.load(path, weights_only=True)",
        "import re\nre.compile('a')",
        "import json\njson.load(file)",
        "import subprocess\nsubprocess.run(['ls'], shell=False)",
        "import yaml\nyaml.parse(text)",
        "import numpy as np\nnp.load(path)",
        "from django.utils.safestring import SafeString\ndef shown() -> SafeString: ...",
    ],
)
def test_allowed_constructs_are_not_reported(source: str) -> None:
    assert in_python(source) == []


def test_forbidden_patterns_of_pages() -> None:
    for wrong in ("a.innerHTML = b", "localStorage.x", "new Function('a')", "eval(a)", "setTimeout('a()', 1)"):
        assert SCRIPT.search(wrong), wrong
    for wrong in ("{{ a|safe }}", "{% autoescape off %}", '<a onclick="x">', '<p style="x">', "<script>x</script>"):
        assert TEMPLATE.search(wrong), wrong
    assert not TEMPLATE.search('<script type="module" src="/a.js"></script><script id="a" type="application/json">')


_EXCEPTION = re.compile(r"#\s*noqa:([^-\n]*\bS\d{3}[^-\n]*)(-\s\S.*)?$", re.MULTILINE)


def test_every_exception_has_its_reason() -> None:
    places = [*modules(), *(ROOT / "tests").rglob("*.py")]
    without = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in places
        if path.name != "test_forbidden.py"
        for match in _EXCEPTION.finditer(path.read_text("utf-8"))
        if not match[2]
    ]
    assert without == []
    assert _EXCEPTION.search("x  # noqa: S603")
