"""A database of version 0.1.0 is upgraded without losing data.

``database-0.1.0.sql`` is the dump of a database created by the code of commit 469c97b: alice has an account, an edited
theme, a deleted one, preferences for all her devices and for one, and a session; bob is a visitor; an operator has
edited a preset, and limited a group.
"""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.core import signing

ROOT = Path(__file__).parents[2]
DUMP = Path(__file__).with_name("database-0.1.0.sql")
SECRET_KEY = "of the upgrade tests"


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """Return the data directory of an installation of version 0.1.0."""
    with closing(sqlite3.connect(tmp_path / "alphanumeric.sqlite3")) as database:
        database.executescript(DUMP.read_text(encoding="utf-8"))
    return tmp_path


def run(data_dir: Path, *arguments: str) -> str:
    """Run a command of ``manage.py`` on that installation, and return its output."""
    environment = {**os.environ, "DATA_DIR": str(data_dir), "DJANGO_SETTINGS_MODULE": "project.settings"}
    environment["SECRET_KEY"] = SECRET_KEY
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout


def rows(data_dir: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(data_dir / "alphanumeric.sqlite3")) as database:
        return database.execute(query).fetchall()


def test_all_data_survives_the_upgrade(data_dir: Path) -> None:
    run(data_dir, "migrate", "--verbosity", "0")
    # `make run` then updates the presets: edited presets stay, unedited presets are updated.
    run(data_dir, "presets")
    themes = rows(
        data_dir, "SELECT name, origin_preset, revision, deleted_at IS NULL, colors FROM themes_theme ORDER BY name"
    )
    assert [theme[:4] for theme in themes] == [
        ("Alice's own", "ocean-dark", 2, 1),
        ("Put aside", "default-light", 1, 0),
    ]
    assert json.loads(themes[0][4])["accent"] == "#123456"
    assert rows(data_dir, "SELECT mode, ephemeral, minimum_contrast FROM themes_themeowner ORDER BY mode") == [
        ("dark", 0, 7.0),
        ("light", 1, 4.5),
    ]
    assert rows(data_dir, "SELECT mode, light FROM themes_devicepreference") == [("dark", "default-light")]
    assert rows(data_dir, "SELECT license FROM themes_preset WHERE id = 'ocean-dark'") == [("CC0-1.0",)]
    assert rows(data_dir, "SELECT value FROM themes_presetrevision")[0][0] > 4
    assert rows(data_dir, "SELECT license, \"default\" FROM synthesis_voice WHERE id = 'joe'") == [("MPL-2.0", 1)]
    assert rows(
        data_dir,
        "SELECT requests_per_minute, characters_per_minute, max_text_length, allowed_symbols, max_queue_length,"
        " max_concurrent_utterances, max_connections, max_cached_segments, memory_mb, timeout_s"
        " FROM synthesis_limitpolicyrow WHERE scope = 'group'",
    ) == [(7, 700, 70, ".,", 3, 2, 4, 5, 300, 20)]
    assert rows(data_dir, "SELECT user_agent FROM accounts_accountsession") == [("Firefox on Linux",)]


def test_edited_presets_are_distinguished_from_unedited_presets(data_dir: Path) -> None:
    """Checks that the stored digests still match: only the preset that the operator edited is kept."""
    run(data_dir, "migrate", "--verbosity", "0")
    left = [
        line for line in run(data_dir, "presets").splitlines() if line.startswith("Skipped, because they were edited")
    ]
    assert left == ["Skipped, because they were edited: ocean-dark."]


def test_permissions_follow_their_models(data_dir: Path) -> None:
    run(data_dir, "migrate", "--verbosity", "0")
    names = {name for (name,) in rows(data_dir, "SELECT codename FROM auth_permission")}
    assert {"change_limitpolicyrow", "view_themeowner", "delete_accountsession"} <= names
    assert not {"change_limits", "view_owner", "delete_signedin"} & names


def test_sessions_older_than_the_session_list_are_listed(data_dir: Path) -> None:
    with closing(sqlite3.connect(data_dir / "alphanumeric.sqlite3")) as database, database:
        user = database.execute("SELECT id FROM auth_user WHERE username = 'alice'").fetchone()
        session = signing.dumps(
            {"_auth_user_id": str(user[0])}, key=SECRET_KEY, salt="django.contrib.sessions.SessionStore", compress=True
        )
        database.execute("UPDATE django_session SET session_data = ?", [session])
        database.execute("DELETE FROM accounts_signedin")
        database.execute("DELETE FROM django_migrations WHERE app = 'accounts' AND name <> '0001_initial'")
    run(data_dir, "migrate", "--verbosity", "0")
    assert rows(data_dir, "SELECT user_id FROM accounts_accountsession") == [user]
