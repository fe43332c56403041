"""What was found once, kept as files: ``corpus/<target>/<name>``."""

import hashlib
from pathlib import Path

FOLDER = Path(__file__).parent / "corpus"


def kept(target: str) -> list[Path]:
    """The files of a target, in order."""
    return sorted(path for path in (FOLDER / target).glob("*") if path.is_file())


def keep(target: str, data: bytes) -> Path:
    """Keep an input, under a name that is made from it."""
    path = FOLDER / target / hashlib.sha256(data).hexdigest()[:16]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
