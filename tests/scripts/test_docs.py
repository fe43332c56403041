"""The documentation names files, settings and terms that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("*.md")), ROOT / "tests" / "README.md"]
PATH = re.compile(
    r"`((?:project|terminal|accounts|themes|synthesis|core|static|templates|tests|docs|benchmarks)/[\w./-]*)`"
)
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#]+)(?:#[^)]*)?\)")
SETTING = re.compile(r'env\.\w+\(\s*"([A-Z0-9_]+)"')


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_paths_and_links_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    missing = [
        path for path in PATH.findall(text) if not (ROOT / path).exists() and not path.startswith("tests/e2e/failures")
    ]
    # Links of the manual that begin with a slash are addresses of the server; tests/manual resolves them.
    missing += [link for link in LINK.findall(text) if link[0] != "/" and not (page.parent / link).exists()]
    assert missing == []


def test_every_setting_is_documented() -> None:
    settings = set(SETTING.findall((ROOT / "project" / "settings.py").read_text("utf-8")))
    table = set(
        re.findall(r"^\| `([A-Z0-9_]+)`", (ROOT / "docs" / "configuration.md").read_text("utf-8"), re.MULTILINE)
    )
    assert len(settings) > 20
    assert settings == table
