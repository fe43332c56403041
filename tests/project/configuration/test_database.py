"""Tests ``DATABASE_URL``: the parameters it gives, and errors that never show its password."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from environs import ValidationError

from project.configuration.database import databases, libpq_environment, parse_database_url


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("sqlite", {}),
        ("postgresql://db.test/voice", {"host": "db.test", "dbname": "voice"}),
        (
            "postgres://alice:a%2Fb%3A%40@[::1]:5433/voice?sslmode=verify-full&sslrootcert=/etc/ca.pem",
            {
                "user": "alice",
                "password": "a/b:@",
                "host": "::1",
                "port": "5433",
                "dbname": "voice",
                "sslmode": "verify-full",
                "sslrootcert": "/etc/ca.pem",
            },
        ),
        ("postgresql:///voice?host=/run/postgresql", {"dbname": "voice", "host": "/run/postgresql"}),
    ],
)
def test_a_database_url(text: str, expected: dict[str, str]) -> None:
    assert parse_database_url(text) == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("mysql://alice:secret@db/voice", "must be empty"),
        ("db.test/voice?secret", "must be empty"),
        ("sqlite:////srv/secret.sqlite3", "set DATA_DIR"),
        ("postgresql://alice:secret@db", "name one database"),
        ("postgresql://alice:secret@db/a/b", "name one database"),
        ("postgresql://alice:secret@db:port/voice", "malformed"),
        ("postgresql://alice:secret@[db/voice", "malformed"),
        ("postgresql://alice:secret@db/voice?sslmode", "malformed"),
        ("postgresql://alice:secret@db/voice?service=x", "service is not supported"),
    ],
)
def test_an_invalid_url_is_named_without_its_password(text: str, sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        parse_database_url(text)
    assert sentence in str(caught.value)
    assert "secret" not in str(caught.value)


def test_postgresql_connections_are_pooled_and_their_waits_bounded() -> None:
    made = databases(parse_database_url("postgresql://db.test/voice?connect_timeout=2"), Path("x"), 7)["default"]
    assert made["OPTIONS"]["pool"] == {"min_size": 1, "max_size": 7, "timeout": 5.0}
    assert made["OPTIONS"]["connect_timeout"] == "2"
    assert "lock_timeout=5000" in made["OPTIONS"]["options"]
    assert (made["CONN_MAX_AGE"], made["CONN_HEALTH_CHECKS"]) == (0, True)


def test_a_missing_driver_is_named_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "psycopg_pool", None)
    with pytest.raises(ImproperlyConfigured, match=r"pip install '.\[postgresql\]'"):
        databases({"dbname": "voice"}, Path("x"), 7)


def test_programs_get_the_password_in_their_environment_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "elsewhere.test")
    made: dict[str, Any] = libpq_environment({"password": "secret", "dbname": "voice"})
    assert (made["PGPASSWORD"], made["PGDATABASE"], made["PATH"]) == ("secret", "voice", os.environ["PATH"])
    assert "PGHOST" not in made
