"""Tests that every limit is declared once, in the registry, and listed in docs/limits.md."""

import re
from pathlib import Path

from core.limits import registry
from core.limits.registry import LIMITS, ChangedBy
from scripts.limits import PAGE, page
from synthesis.limits.policy import DEFAULT_POLICY
from synthesis.models import EDITABLE_LIMITS

ROOT = Path(__file__).parents[2]
PACKAGES = ("accounts", "core", "documents", "feedback", "project", "synthesis", "terminal", "themes")


def test_the_page_has_the_tables_of_the_registry() -> None:
    text = PAGE.read_text("utf-8")
    assert text.count("<!-- limits:") == len(ChangedBy)
    assert page(text) == text, "run: python -m scripts.limits"


def test_names_are_unique() -> None:
    assert len({limit.name for limit in LIMITS}) == len(LIMITS) > 50


def test_each_limit_is_enforced_somewhere() -> None:
    code = "".join(path.read_text("utf-8") for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    used = set(re.findall(r"registry\.([A-Z_]+)\b", code))
    declared = {name for name, value in vars(registry).items() if any(value is limit for limit in LIMITS)}
    assert declared <= used


def test_the_admin_edits_the_registered_limits() -> None:
    of_admin = {limit.name: limit.default for limit in LIMITS if limit.changed_by is ChangedBy.ADMIN}
    assert set(EDITABLE_LIMITS) - {"allowed_symbols", "api_access"} == set(of_admin)
    assert {name: getattr(DEFAULT_POLICY, name) for name in of_admin} == of_admin


def test_settings_are_named_after_their_limits(settings: object) -> None:
    assert all(hasattr(settings, limit.name) for limit in LIMITS if limit.changed_by is ChangedBy.SETTING)
