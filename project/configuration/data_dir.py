"""Prepares ``DATA_DIR``: where it is, whether this user can write to it, and the caches of libraries inside it."""

import os
import tempfile
from pathlib import Path

try:
    import pwd
except ImportError:
    pwd = None  # type: ignore[assignment]  # Windows, whose files have no owner with a number

from django.core.exceptions import ImproperlyConfigured

from project.configuration.start_errors import NO_SPACE, explain, reason_of
from project.data_dir_permissions import create

DATABASE = "alphanumeric.sqlite3"
CACHE_VARIABLES = {
    "NUMBA_CACHE_DIR": "numba",
    "MPLCONFIGDIR": "matplotlib",
    "TORCH_HOME": "torch",
    "TORCHINDUCTOR_CACHE_DIR": "torchinductor",
    "TRITON_CACHE_DIR": "triton",
    "CUDA_CACHE_PATH": "cuda",
    "HF_HOME": "huggingface",
    "TTS_HOME": "tts",
    "XDG_CACHE_HOME": "xdg",
}
"""Variables with which libraries place their caches, and the folders inside ``DATA_DIR/cache``.

Without them, libraries write into the user's home or the installed packages; a service user may have no home, and no
right to write to either. numba then fails when Coqui is imported."""


def resolve(text: str, base_dir: Path) -> Path:
    """Return the absolute path of ``DATA_DIR``. Raises ``ImproperlyConfigured`` for a folder with other uses."""
    try:
        path = Path(text).expanduser().resolve()
    except (RuntimeError, OSError, ValueError) as error:
        raise ImproperlyConfigured(f"DATA_DIR={text} is not a usable path ({error}). Set an absolute path.") from None
    if path == Path(path.anchor) or base_dir.is_relative_to(path):
        raise ImproperlyConfigured(
            f"DATA_DIR={path} contains other files, which the server would make private. Set a folder of its own."
        )
    return path


def prepare(data_dir: Path) -> None:
    """Create the folder, and check that this user can use it. Raises ``ImproperlyConfigured`` with what to do."""
    try:
        create(data_dir)
        # A file, because root, access lists and read-only mounts make the mode bits misleading.
        with tempfile.TemporaryFile(dir=data_dir):
            pass
        unusable = next((path for path in _own_files(data_dir) if not _is_usable(path)), None)
    except OSError as error:
        raise ImproperlyConfigured(_sentence(data_dir, error)) from None
    if unusable is not None:
        raise ImproperlyConfigured(_of_another(data_dir, unusable))


def use_for_caches(data_dir: Path) -> None:
    """Direct the caches of libraries into ``data_dir``, unless the operator has placed them elsewhere."""
    for name, folder in CACHE_VARIABLES.items():
        os.environ.setdefault(name, str(data_dir / "cache" / folder))


def _is_usable(path: Path) -> bool:
    # A folder of voices may be shared and read-only; only the database must be writable.
    wanted = os.R_OK | os.W_OK if path.name.startswith(DATABASE) else os.R_OK
    return os.access(path, wanted, effective_ids=os.access in os.supports_effective_ids)


def _own_files(data_dir: Path) -> list[Path]:
    found = [*data_dir.glob(f"{DATABASE}*"), data_dir / "secret_key", data_dir / "voices", data_dir / "static"]
    return [path for path in found if path.exists()]


def _sentence(data_dir: Path, error: OSError) -> str:
    if isinstance(error, PermissionError) and data_dir.is_dir():
        return _of_another(data_dir, data_dir)
    if error.errno in NO_SPACE:
        return str(explain(error))
    if isinstance(error, FileExistsError | NotADirectoryError):
        return f"DATA_DIR={data_dir} is, or is below, a file. Set it to a folder."
    return f"DATA_DIR={data_dir} cannot be used: {reason_of(error)}. Set it to a folder that this user can write to."


def _of_another(data_dir: Path, path: Path) -> str:
    what = f"DATA_DIR={data_dir}" if path == data_dir else f"{path.name} in DATA_DIR={data_dir}"
    if pwd is None:
        return f"{what} cannot be used by this user. Change its permissions, or set another folder."
    owner, user = path.stat().st_uid, os.geteuid()
    if owner == user:
        return f"{what} cannot be written by its owner {_name(user)}. Run: chmod -R u+rwX {data_dir}"
    return (
        f"{what} belongs to {_name(owner)}, and this process runs as {_name(user)}, who cannot use it. "
        f"Run it as {_name(owner)}, or change the owner: chown -R {user} {data_dir}"
    )


def _name(uid: int) -> str:
    try:
        return f"{pwd.getpwuid(uid).pw_name} ({uid})"
    except KeyError:
        return f"user {uid}"
