"""Writes a checkpoint atomically."""

import json
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from synthesis.errors import VoiceError
from synthesis.voice_files.manifest import CONFIG_FILE, WEIGHTS_FILE


def write_checkpoint(folder: Path, config: Mapping[str, Any], weights: Mapping[str, torch.Tensor]) -> None:
    """Write ``config.json`` and ``model.pth`` into ``folder``, which must not exist yet.

    :raises VoiceError: ``voice_exists`` if the folder exists.
    """
    with _whole(folder) as draft:
        settings = json.dumps(config, ensure_ascii=False, indent=1, allow_nan=False)
        (draft / CONFIG_FILE).write_text(settings + "\n", encoding="utf-8")
        torch.save({"model": dict(weights)}, draft / WEIGHTS_FILE)


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """Yield a temporary folder that is renamed to ``folder`` on success and deleted on failure."""
    if folder.exists():
        raise VoiceError("voice_exists", "The folder already contains a voice.")
    draft = folder.with_name(f"{folder.name}.part-{secrets.token_hex(4)}")
    draft.mkdir()
    try:
        yield draft
        draft.rename(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
