"""System checks prevent the start with settings that weaken security."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from project.security.csp import DIRECTIVES

ROOT = Path(__file__).parents[2]


def found() -> set[str | None]:
    return {message.id for message in run_checks(tags=["security"])}


def test_the_default_settings_pass_the_checks() -> None:
    assert not {name for name in found() if name and name.startswith("project.")}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("CONTENT_SECURITY_POLICY", None, "project.E002"),
        ("CONTENT_SECURITY_POLICY", {"DIRECTIVES": {**DIRECTIVES, "script-src": ["'unsafe-inline'"]}}, "project.E003"),
        ("CONTENT_SECURITY_POLICY", {"DIRECTIVES": {**DIRECTIVES, "img-src": ["https:"]}}, "project.E003"),
        ("CONTENT_SECURITY_POLICY", {"DIRECTIVES": DIRECTIVES, "EXCLUDE_URL_PREFIXES": ["/admin"]}, "project.E004"),
        ("SESSION_COOKIE_HTTPONLY", False, "project.E005"),
        ("SESSION_COOKIE_SAMESITE", "None", "project.E005"),
        ("ALLOWED_HOSTS", ["*"], "project.E006"),
        ("TRUSTED_ORIGINS", ["*"], "project.E007"),
        ("TRUSTED_PROXIES", ["10.0.0.0/8", "::/0"], "project.E008"),
        ("MIDDLEWARE", [], "project.E001"),
    ],
)
def test_weakened_settings_are_errors(settings: Settings, name: str, value: Any, expected: str) -> None:
    setattr(settings, name, value)
    assert expected in found()


def test_a_failed_check_prevents_the_start(tmp_path: Path) -> None:
    own = {"DATA_DIR": str(tmp_path), "ALLOWED_HOSTS": "*", "PORT": "0", "DJANGO_SETTINGS_MODULE": "project.settings"}
    result = subprocess.run(
        [sys.executable, "manage.py", "serve"],
        cwd=ROOT,
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )
    assert result.returncode != 0
    assert "(project.E006) ALLOWED_HOSTS allows every host" in result.stderr
    assert result.stdout == ""


def test_the_production_settings_have_no_warnings(tmp_path: Path) -> None:
    own = {"DATA_DIR": str(tmp_path), "BEHIND_TLS_PROXY": "true", "ALLOWED_HOSTS": "speech.example.com"}
    own["TRUSTED_PROXIES"] = "127.0.0.1"
    environment = {**os.environ, **own, "DJANGO_SETTINGS_MODULE": "project.settings"}
    result = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, ""), result.stderr
