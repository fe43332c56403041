"""Settings are documented and typed, and invalid values prevent the start."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from project.renamed_settings import RENAMED, reject_old_names
from project.secret_key import secret_key

ROOT = Path(__file__).parents[2]


def test_every_variable_is_documented() -> None:
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "project/settings.py").read_text()))
    documented = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert read
    assert read == documented


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("DEBUG", "perhaps"),
        ("SYNTHESIS_ENGINE", "steam"),
        ("SYNTHESIS_WORKERS", "-1"),
        ("LOG_LEVEL", "LOUD"),
        ("TRUSTED_PROXIES", "10.0.0.0/33"),
    ],
)
def test_a_wrong_value_stops_the_start(tmp_path: Path, name: str, value: str) -> None:
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "project.settings", name: value}
    code = "from django.conf import settings; settings.PORT"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode != 0
    assert name in result.stderr


def test_the_defaults_are_secure(tmp_path: Path) -> None:
    """Independent of the developer's ``.env``."""
    code = (
        "import environs; environs.Env.read_env = lambda *_, **__: True\n"
        "from django.conf import settings as s\n"
        "print(s.HOST, s.DEBUG, s.ALLOWED_HOSTS, s.TRUSTED_ORIGINS, s.TRUSTED_PROXIES)"
    )
    names = {"PATH", "HOME", "LANG"}
    environment = {name: value for name, value in os.environ.items() if name in names}
    own = {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "project.settings"}
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment | own, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "127.0.0.1 False ['localhost', '127.0.0.1', '[::1]'] [] []"


def test_the_secret_key_is_generated_once_and_private(tmp_path: Path) -> None:
    key = secret_key(tmp_path)
    assert len(key) >= 50
    assert secret_key(tmp_path) == key
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


@pytest.mark.parametrize("old", RENAMED)
def test_an_old_name_stops_the_start_and_the_new_one_is_named(old: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"{old} is now {RENAMED[old]}"):
        reject_old_names({old: "true"})
    assert f'"{RENAMED[old]}"' in (ROOT / "project/settings.py").read_text()


def test_an_old_name_stops_the_server_itself(tmp_path: Path) -> None:
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "project.settings", "TLS": "true"}
    command = [sys.executable, "manage.py", "check"]
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode != 0
    assert "TLS is now BEHIND_TLS_PROXY" in result.stderr
