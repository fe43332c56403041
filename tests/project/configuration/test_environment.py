"""Tests that values of settings are trimmed, and that misspelled names are detected."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from project.configuration.environment import Environment, misspelled
from project.renamed_settings import reject_old_names

KNOWN = {
    "ALLOWED_HOSTS",
    "BEHIND_TLS_PROXY",
    "DATA_DIR",
    "HOST",
    "LOG_LEVEL",
    "PORT",
    "TRUSTED_ORIGINS",
    "TRUSTED_PROXIES",
}


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch) -> Environment:
    for name in KNOWN:
        monkeypatch.delenv(name, raising=False)
    return Environment()


@pytest.mark.parametrize("value", ["8142", " 8142 ", '"8142"', "'8142'\n", '" 8142 "'])
def test_values_are_trimmed(env: Environment, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PORT", value)
    assert env.integer("PORT", 8000, least=0, most=65535) == 8142


@pytest.mark.parametrize("value", ["", "  ", '""'])
def test_a_blank_value_is_the_default(env: Environment, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    for name in ("PORT", "ALLOWED_HOSTS", "LOG_LEVEL"):
        monkeypatch.setenv(name, value)
    assert env.integer("PORT", 8000, least=0) == 8000
    assert env.hosts("ALLOWED_HOSTS", ["localhost"]) == ["localhost"]
    assert env.choice("LOG_LEVEL", "INFO", choices=("INFO", "DEBUG")) == "INFO"


def test_the_secret_key_is_not_changed(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", ' "alice" ')
    assert env.str("SECRET_KEY", "") == ' "alice" '


def test_the_case_of_a_choice_does_not_matter(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "debug")
    assert env.choice("LOG_LEVEL", "INFO", choices=("INFO", "DEBUG")) == "DEBUG"


def test_a_file_of_a_windows_editor(env: Environment, tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b"\xef\xbb\xbfPORT=8142\r\nALLOWED_HOSTS = localhost, voice.test # both\r\n")
    env.read_env(path, recurse=False)
    assert env.integer("PORT", 8000, least=0) == 8142
    assert env.hosts("ALLOWED_HOSTS", []) == ["localhost", "voice.test"]


def test_settings_in_the_file_count_as_set(env: Environment, tmp_path: Path) -> None:
    """Renamed and misspelled names are detected in the file, too."""
    (tmp_path / ".env").write_text("TLS=true\n")
    env.read_env(tmp_path / ".env", recurse=False)
    assert env.given["TLS"] == "true"
    with pytest.raises(ImproperlyConfigured, match="TLS is now BEHIND_TLS_PROXY"):
        reject_old_names(env.given)


def test_a_file_that_is_not_text_is_named(env: Environment, tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes("PORT=8142".encode("utf-16"))
    with pytest.raises(ImproperlyConfigured, match=f"{path} cannot be read: it is not UTF-8"):
        env.read_env(path, recurse=False)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("ALOWED_HOSTS", "ALLOWED_HOSTS"),
        ("ALLOWED_HOST", "ALLOWED_HOSTS"),
        ("ALLOWEDHOSTS", "ALLOWED_HOSTS"),
        ("DJANGO_ALLOWED_HOSTS", "ALLOWED_HOSTS"),
        ("allowed_hosts", "ALLOWED_HOSTS"),
        ("TRUSTED_ORIGIN", "TRUSTED_ORIGINS"),
        ("CSRF_TRUSTED_ORIGINS", "TRUSTED_ORIGINS"),
        ("TRUSTED_PROXY", "TRUSTED_PROXIES"),
        ("BEHIND_TLSPROXY", "BEHIND_TLS_PROXY"),
        ("DATADIR", "DATA_DIR"),
        ("LOGLEVEL", "LOG_LEVEL"),
    ],
)
def test_a_misspelled_name_is_found(name: str, meant: str) -> None:
    assert misspelled([name, *KNOWN], [], KNOWN) == {name: meant}


def test_names_of_other_programs_are_ignored() -> None:
    others = [
        "HOME",
        "HOSTNAME",
        "HOSTTYPE",
        "LANG",
        "PATH",
        "PWD",
        "REDIS_PORT",
        "port",
        "SHELL",
        "LOGNAME",
        "DISPLAY",
    ]
    assert misspelled(others, [], KNOWN) == {}


def test_every_unknown_name_in_the_file_is_found() -> None:
    assert misspelled([], ["PORT", "VOICE", "PORTS"], KNOWN) == {"PORTS": "", "VOICE": ""}
