"""The corpus: inputs that failed before, as files ``corpus/<target>/<name>``."""

import hashlib
from pathlib import Path

FOLDER = Path(__file__).parent / "corpus"


def corpus_files(target: str) -> list[Path]:
    """Return the corpus files of a target, sorted."""
    return sorted(path for path in (FOLDER / target).glob("*") if path.is_file())


def save_input(target: str, data: bytes) -> Path:
    """Save an input, named by its hash."""
    path = FOLDER / target / hashlib.sha256(data).hexdigest()[:16]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
