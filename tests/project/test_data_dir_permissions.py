"""Other users of the machine cannot read DATA_DIR."""

import logging
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from project import data_dir_permissions

ROOT = Path(__file__).parents[2]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def migrate(data_dir: Path) -> str:
    """Run ``manage.py migrate`` with the usual umask, and return its log."""
    command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"]
    environment = {**os.environ, "DATA_DIR": str(data_dir), "DJANGO_SETTINGS_MODULE": "project.settings"}
    return subprocess.run(command, env=environment, umask=0o022, check=True, capture_output=True, text=True).stderr


def test_a_new_installation_is_private_to_its_owner(tmp_path: Path) -> None:
    assert "readable" not in migrate(tmp_path / "data")
    assert mode(tmp_path / "data") == 0o700
    kept = sorted((tmp_path / "data").iterdir())
    assert {"alphanumeric.sqlite3", "secret_key"} <= {path.name for path in kept}
    assert {path.name: mode(path) & data_dir_permissions.OTHERS for path in kept} == dict.fromkeys(
        (path.name for path in kept), 0
    )


def test_an_old_installation_is_made_private_and_logged_once(tmp_path: Path) -> None:
    migrate(tmp_path)
    for path in (tmp_path, tmp_path / "alphanumeric.sqlite3", tmp_path / "secret_key"):
        path.chmod(mode(path) | 0o055)
    logged = migrate(tmp_path)
    assert logged.count("\n") == 1
    assert "access to files in DATA_DIR: ., alphanumeric.sqlite3, secret_key" in logged
    assert (mode(tmp_path), mode(tmp_path / "alphanumeric.sqlite3"), mode(tmp_path / "secret_key")) == (
        0o700,
        0o600,
        0o600,
    )
    assert migrate(tmp_path) == ""


def test_only_project_files_change_mode(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    elsewhere = tmp_path / "elsewhere"
    (data_dir := tmp_path / "data").mkdir()
    for folder in (elsewhere, data_dir / "of the operator", data_dir / "static"):
        folder.mkdir()
        folder.chmod(0o755)
    (data_dir / "voices").symlink_to(elsewhere)
    with caplog.at_level(logging.INFO):
        data_dir_permissions.close(data_dir)
    assert [mode(folder) for folder in (data_dir / "static", data_dir / "of the operator", elsewhere)] == [
        0o700,
        0o755,
        0o755,
    ]


def test_a_shared_folder_is_not_changed_and_logs_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    tmp_path.chmod(0o1777)
    data_dir_permissions.close(tmp_path)
    assert mode(tmp_path) == 0o1777
    assert "may not change its mode" in caplog.text
