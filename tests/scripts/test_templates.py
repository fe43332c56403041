"""Static checks of the templates' class names: a renamed class must be renamed in both places."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
CLASS_ATTRIBUTE = re.compile(r'class="([^"{]*)"')
DJANGO_ADMIN = {"breadcrumbs", "default", "fieldset-heading", "module", "object-tools"}
"""Classes of the admin's own stylesheets."""


def test_every_class_in_a_template_occurs_in_a_stylesheet_or_a_script() -> None:
    known = {name for path in _static_files() for name in _class_names(path)} | DJANGO_ADMIN
    unknown = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in (ROOT / "templates").rglob("*.html")
        for attribute in CLASS_ATTRIBUTE.findall(path.read_text(encoding="utf-8"))
        for name in attribute.split()
        if name not in known
    }
    assert unknown == set()


def _static_files() -> list[Path]:
    return [path for kind in ("css", "js") for path in (ROOT / "static").rglob(f"*.{kind}")]


def _class_names(path: Path) -> list[str]:
    return re.findall(r"\.(-?[a-zA-Z][\w-]*)", path.read_text(encoding="utf-8"))
