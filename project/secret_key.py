"""Django's ``SECRET_KEY`` if the operator sets none: generated at the first start, stored in ``DATA_DIR``."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from django.core.management.utils import get_random_secret_key


def secret_key(data_dir: Path) -> str:
    """Read the key from ``data_dir``, or generate it with mode 0600. Processes that start at once get the same key."""
    path = data_dir / "secret_key"
    if not path.exists():
        # mkstemp creates files with mode 0600. Linking is atomic: only the first of several processes succeeds.
        descriptor, name = tempfile.mkstemp(dir=data_dir, prefix="secret_key.")
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(get_random_secret_key() + "\n")
        with suppress(FileExistsError):
            os.link(name, path)
        Path(name).unlink()
    return path.read_text(encoding="ascii").strip()
