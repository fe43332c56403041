"""The signing key of an installation that was given none: made on the first start, kept beside the database."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from django.core.management.utils import get_random_secret_key


def secret_key(data_dir: Path) -> str:
    """Read the key in ``data_dir``, or make it: readable by its owner alone, one for processes that start at once."""
    path = data_dir / "secret_key"
    if not path.exists():
        # mkstemp files are mode 0600; the link appears whole, and only for the first of several processes.
        descriptor, name = tempfile.mkstemp(dir=data_dir, prefix="secret_key.")
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(get_random_secret_key() + "\n")
        with suppress(FileExistsError):
            os.link(name, path)
        Path(name).unlink()
    return path.read_text(encoding="ascii").strip()
