"""The page preloads all statically imported modules."""

import re
from pathlib import Path

import pytest
from django.test import Client

from project.templatetags.modules import imports

ROOT = Path(__file__).parents[2] / "static"


def test_imports_are_followed_and_dynamic_ones_are_not() -> None:
    found = imports("js/main.js")
    assert "js/app.js" in found
    assert "js/speech/queue.js" in found
    assert "js/themes/controller.js" not in found
    assert "js/main.js" not in found
    assert all((ROOT / name).is_file() for name in found)


def test_dynamically_imported_modules_have_their_own_imports() -> None:
    assert "js/themes/editor/editor.js" in imports("js/themes/controller.js")


def test_a_module_that_is_missing_is_an_error() -> None:
    with pytest.raises(LookupError, match=r"js/nothing\.js"):
        imports("js/nothing.js")


@pytest.mark.django_db
def test_the_page_preloads_all_static_imports(client: Client) -> None:
    page = client.get("/").content.decode()
    assert re.findall(r'rel="modulepreload" href="/static/([^"]+)"', page) == imports("js/main.js")
    assert '<script type="module" src="/static/js/main.js"></script>' in page
