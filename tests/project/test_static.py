"""Scripts are served without JSDoc comments."""

from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from core.jsdoc import without_jsdoc
from project.static_storage import ModuleAwareStorage

ROOT = Path(__file__).parents[2] / "static" / "js"


@pytest.mark.parametrize(
    ("script", "served"),
    [
        (b"/** What it is. */\nlet a = 1;\n", b"let a = 1;\n"),
        (b"  /**\n   * @param {import('./a.js').A} a\n   */\n  f(a) {}\n", b"  f(a) {}\n"),
        (b"let a = /** @type {any} */ (b);\n", b"let a = /** @type {any} */ (b);\n"),
        (b"/** @type {A} */ (a).b();\nlet c;\n/** Why. */\nlet d;\n", b"/** @type {A} */ (a).b();\nlet c;\nlet d;\n"),
        (b"/* A license. */\n// A reason.\nlet a;\n", b"/* A license. */\n// A reason.\nlet a;\n"),
    ],
)
def test_jsdoc_is_removed(script: bytes, served: bytes) -> None:
    assert without_jsdoc(script) == served


def test_only_javascript_files_are_changed(tmp_path: Path) -> None:
    storage = ModuleAwareStorage(location=tmp_path, base_url="/static/")
    for name in ("a.js", "a.css"):
        storage.save(name, ContentFile(b"/** Why. */\nbody {}\n"))
    assert [(tmp_path / name).read_bytes() for name in ("a.js", "a.css")] == [b"body {}\n", b"/** Why. */\nbody {}\n"]


def test_string_literals_are_not_removed_as_comments() -> None:
    for script in ROOT.rglob("*.js"):
        code = script.read_bytes()
        assert code.count(b"`") % 2 == 0
        for text in code.split(b"`")[1::2]:
            assert without_jsdoc(text) == text, script.name
