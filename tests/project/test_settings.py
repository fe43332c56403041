"""Settings are documented and typed, and invalid values prevent the start."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from environs import ValidationError

from project.renamed_settings import RENAMED, reject_old_names
from project.secret_key import secret_key
from project.security.origins import check_cors_origins

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
        ("API_CORS_ORIGINS", "*"),
        ("API_DIALECTS", "elevenlabs,festival"),
    ],
)
def test_an_invalid_value_prevents_the_start(tmp_path: Path, name: str, value: str) -> None:
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "project.settings", name: value}
    code = "from django.conf import settings; settings.PORT"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode != 0
    assert name in result.stderr


@pytest.mark.parametrize(
    "origin", ["*", "https://*.example.com", "https://chat.example.com/", "chat.example.com", "null", "https://a b"]
)
def test_cors_origins_are_origins(origin: str) -> None:
    allowed = ["https://chat.example.com", "http://localhost:3000", "app://obsidian.md", "app://-"]
    assert check_cors_origins(allowed) == allowed
    with pytest.raises(ValidationError, match="is not an origin"):
        check_cors_origins([*allowed, origin])


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
def test_a_former_setting_prevents_the_start_and_the_new_name_is_given(old: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"{old} is now {RENAMED[old]}"):
        reject_old_names({old: "true"})
    assert f'"{RENAMED[old]}"' in (ROOT / "project/settings.py").read_text()


def test_a_former_setting_prevents_the_start_of_the_server(tmp_path: Path) -> None:
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "project.settings", "TLS": "true"}
    command = [sys.executable, "manage.py", "check"]
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode != 0
    assert "TLS is now BEHIND_TLS_PROXY" in result.stderr


def run(tmp_path: Path, *words: str, **own: str) -> subprocess.CompletedProcess[str]:
    """Run a command with these settings only."""
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), **own}
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"ALLOWED_HOSTS": "192.168.1.0/24"}, "Error: ALLOWED_HOSTS: 192.168.1.0/24 is a network."),
        ({"PORT": "eighty"}, "Error: PORT: 'eighty' is not a whole number from 0 to 65535."),
        ({"SHUTDOWN_TIMEOUT_S": "nan"}, "Error: SHUTDOWN_TIMEOUT_S: 'nan' is not a number"),
        (
            {"BEHIND_TLS_PROXY": "true", "ALLOWED_HOSTS": "good.test"},
            "Error: BEHIND_TLS_PROXY=true needs TRUSTED_PROXIES",
        ),
        ({"TLS": "true"}, "Error: Rename these settings"),
    ],
)
def test_a_fault_in_the_settings_is_one_line(tmp_path: Path, own: dict[str, str], said: str) -> None:
    result = run(tmp_path, "check", **own)
    assert result.returncode == 1
    assert result.stderr.startswith(said)
    assert result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_setting_is_a_warning(tmp_path: Path) -> None:
    result = run(tmp_path, "check", ALOWED_HOSTS="voice.test")
    assert result.returncode == 0
    assert "ALOWED_HOSTS is no setting and has no effect" in result.stderr
    assert "Did you mean ALLOWED_HOSTS?" in result.stderr


def test_listening_for_others_without_a_name_for_them_is_a_warning(tmp_path: Path) -> None:
    assert "ALLOWED_HOSTS=192.168.1.20" in run(tmp_path, "check", HOST="::").stderr
    assert run(tmp_path, "check", HOST="::", ALLOWED_HOSTS="bob.test").stderr == ""
