"""Reads untrusted weight files: no code in them is executed, and memory use is bounded by the file size."""

import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from synthesis.errors import VoiceError

MAX_BYTES = 2 * 1024 * 1024 * 1024
"""Maximum file size: a training checkpoint includes the discriminator and both optimizers, about a gigabyte."""
MAX_STRUCTURE_BYTES = 16 * 1024 * 1024


def read_weights(path: Path) -> dict[str, Tensor]:
    """Return the weights in a Coqui ``.pth`` or a ``.safetensors`` file by name, on the CPU.

    :raises VoiceError: if the file is too large or invalid.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise VoiceError("voice_too_large", f"The checkpoint is larger than {MAX_BYTES} bytes.", limit=MAX_BYTES)
        weights = load_file(path) if path.suffix == ".safetensors" else _read_pth(path)
    except (OSError, ValueError, SafetensorError) as error:
        raise VoiceError("voice_invalid", "The checkpoint is damaged or is not a weights file.") from error
    if not weights or sum(map(_own_bytes, weights.values())) > size:
        raise VoiceError("voice_invalid", "The checkpoint declares more weight data than it contains.")
    return weights


def _read_pth(path: Path) -> dict[str, Tensor]:
    _check_archive(path)
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except pickle.UnpicklingError as error:
        raise VoiceError(
            "voice_invalid", "The checkpoint contains objects other than weights. Nothing was executed."
        ) from error
    except Exception as error:
        # A malformed pickle can raise any exception.
        raise VoiceError("voice_invalid", "The checkpoint is damaged or is not a weights file.") from error
    weights = checkpoint.get("model", checkpoint) if isinstance(checkpoint, dict) else None
    if not isinstance(weights, Mapping):
        raise VoiceError("voice_invalid", "The checkpoint has no state dict.")
    return {name: weight for name, weight in weights.items() if _is_weight(name, weight)}


def _check_archive(path: Path) -> None:
    """Reject compressed archives (zip bombs): PyTorch writes its archives uncompressed.

    :raises ValueError: if the file is not an uncompressed archive.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise ValueError from error
    structure = sum(entry.file_size for entry in entries if entry.filename.endswith(".pkl"))
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries) or structure > MAX_STRUCTURE_BYTES:
        raise ValueError(len(entries))


def _is_weight(name: Any, weight: Any) -> bool:
    return isinstance(name, str) and isinstance(weight, Tensor) and weight.layout == torch.strided


def _own_bytes(weight: Tensor) -> int:
    """Return the bytes of the weight's values, each counted: a strided tensor can repeat one value without bound."""
    return weight.numel() * weight.element_size()
