"""Tests that each fault of DATA_DIR (permissions, owner, disk) gets one sentence with the remedy."""

import errno
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from project.configuration.data_dir import CACHE_VARIABLES, prepare, resolve, use_for_caches

ROOT = Path(__file__).parents[3]
CHARLIE = 65_534
"""The user id of ``nobody``, who owns nothing."""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


def as_charlie(work: Callable[[], object]) -> str:
    """Run ``work`` in a child process as another user, and return its ``ImproperlyConfigured`` or ``""``."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(CHARLIE)
        os.setuid(CHARLIE)
        said = ""
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - the parent reports it
            said = str(error) if isinstance(error, ImproperlyConfigured) else repr(error)
        os.write(writing, pickle.dumps(said))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = str(pickle.loads(pipe.read()))  # noqa: S301 - of our own child
    os.waitpid(child, 0)
    return said


@pytest.fixture
def open_folder(tmp_path: Path) -> Path:
    """A folder that every user can reach."""
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.geteuid() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o011)
    return tmp_path


@as_root
def test_a_data_dir_of_another_user_is_named_with_its_owner(open_folder: Path) -> None:
    data_dir = open_folder / "data"
    prepare(data_dir)
    (data_dir / "secret_key").write_text("alice")
    assert "belongs to root (0), and this process runs as" in as_charlie(lambda: prepare(data_dir))
    # Its owner was changed, and that of the files was not.
    os.chown(data_dir, CHARLIE, CHARLIE)
    (data_dir / "secret_key").chmod(0o600)
    assert "secret_key in DATA_DIR=" in as_charlie(lambda: prepare(data_dir))
    os.chown(data_dir / "secret_key", CHARLIE, CHARLIE)
    assert as_charlie(lambda: prepare(data_dir)) == ""


@as_root
def test_only_the_database_must_be_writable(open_folder: Path) -> None:
    data_dir = open_folder / "data"
    prepare(data_dir)
    os.chown(data_dir, CHARLIE, CHARLIE)
    (data_dir / "voices").mkdir()
    (data_dir / "voices").chmod(0o755)
    assert as_charlie(lambda: prepare(data_dir)) == ""
    database = data_dir / "alphanumeric.sqlite3"
    database.write_text("")
    database.chmod(0o644)
    assert "alphanumeric.sqlite3 in DATA_DIR=" in as_charlie(lambda: prepare(data_dir))


@as_root
def test_a_data_dir_that_cannot_be_created_is_named(open_folder: Path) -> None:
    open_folder.chmod(0o755)
    assert "Set it to a folder that this user can write to" in as_charlie(lambda: prepare(open_folder / "data"))


@as_root
def test_a_read_only_data_dir_of_the_user_is_named(open_folder: Path) -> None:
    data_dir = open_folder / "data"
    data_dir.mkdir()
    os.chown(data_dir, CHARLIE, CHARLIE)
    data_dir.chmod(0o500)
    assert "chmod -R u+rwX" in as_charlie(lambda: prepare(data_dir))


def test_a_file_is_no_data_dir(tmp_path: Path) -> None:
    (tmp_path / "alice").write_text("")
    for path in (tmp_path / "alice", tmp_path / "alice" / "data"):
        with pytest.raises(ImproperlyConfigured, match="is, or is below, a file"):
            prepare(path)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EROFS, "Read-only file system. Set it to a folder that this user can write to"),
        (errno.ENOSPC, "The disk is full"),
        (errno.EDQUOT, "The disk is full"),
    ],
)
def test_a_full_or_read_only_disk_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, said: str
) -> None:
    def refuse(**_options: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with pytest.raises(ImproperlyConfigured, match=said):
        prepare(tmp_path)


@pytest.mark.parametrize("path", ["/", str(ROOT), str(ROOT.parent)])
def test_a_folder_with_other_files_is_refused(path: str) -> None:
    mode = Path(path).stat().st_mode
    with pytest.raises(ImproperlyConfigured, match="contains other files"):
        resolve(path, ROOT)
    assert Path(path).stat().st_mode == mode


def test_a_home_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured, match="Set an absolute path"):
        resolve("~nobody-of-that-name/data", ROOT)
    monkeypatch.setenv("HOME", "/")
    assert resolve("~/data", ROOT) == Path("/data")


def test_caches_are_in_data_dir_unless_the_operator_sets_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in CACHE_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", "/srv/models")
    use_for_caches(tmp_path)
    assert os.environ["NUMBA_CACHE_DIR"] == str(tmp_path / "cache" / "numba")
    assert os.environ["HF_HOME"] == "/srv/models"
