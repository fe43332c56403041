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

from core.limits import registry
from synthesis.errors import VoiceError
from synthesis.voice_files.network_kinds import contents_kind

MAX_BYTES = registry.MAX_WEIGHTS_BYTES.default
"""Maximum file size: a training checkpoint includes the discriminator and both optimizers, about a gigabyte."""
MAX_STRUCTURE_BYTES = 16 * 1024 * 1024
_STATE_DICTS = ("model", "state_dict", "model_state_dict")
"""Keys under which training programs store the weights: Coqui, Lightning, and PyTorch's tutorials."""
_WRAPPERS = ("module.", "_orig_mod.", "model.")
"""Prefixes that wrappers of a network add to all of its names: parallel training, compilation, Lightning."""


def read_weights(path: Path) -> dict[str, Tensor]:
    """Return the weights in a Coqui ``.pth`` or a ``.safetensors`` file by name, on the CPU.

    :raises VoiceError: if the file is too large or invalid.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise VoiceError("voice_too_large", f"The checkpoint is larger than {MAX_BYTES} bytes.", limit=MAX_BYTES)
        weights = load_file(path) if path.suffix.lower() == ".safetensors" else _read_pth(path)
    except (OSError, ValueError, SafetensorError) as error:
        raise VoiceError("voice_invalid", "The checkpoint is damaged or is not a weights file.") from error
    if not weights:
        raise VoiceError("voice_invalid", "The checkpoint contains no weights.")
    if sum(map(_own_bytes, weights.values())) > size:
        raise VoiceError("voice_invalid", "The checkpoint declares more weight data than it contains.")
    return _unwrapped(weights)


def read_plain_objects(path: Path) -> Any:
    """Return the contents of a PyTorch file of plain values, such as a ``speakers.pth``; executes no code in it.

    :raises VoiceError: if the file is invalid.
    """
    try:
        return _load(path)
    except (OSError, ValueError) as error:
        raise VoiceError("voice_invalid", f"{path.name} is damaged or is not a PyTorch file.") from error


def _read_pth(path: Path) -> dict[str, Tensor]:
    checkpoint = _load(path)
    if not isinstance(checkpoint, Mapping):
        raise VoiceError("voice_invalid", "The checkpoint has no state dict.")
    weights = _own_weights(checkpoint)
    if not weights and (kind := contents_kind(checkpoint)):
        raise VoiceError("voice_invalid", f"{path.name} {kind}.")
    return weights


def _own_weights(checkpoint: Mapping[Any, Any]) -> dict[str, Tensor]:
    """Return the tensors of the state dict in ``checkpoint``, which may be the state dict itself."""
    inner = (checkpoint.get(key) for key in _STATE_DICTS)
    for candidate in (*(each for each in inner if isinstance(each, Mapping)), checkpoint):
        weights = {name: weight for name, weight in candidate.items() if _is_weight(name, weight)}
        if weights:
            return weights
    return {}


def _unwrapped(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return ``weights`` without the prefixes of wrappers that all names have."""
    for prefix in _WRAPPERS:
        if all(name.startswith(prefix) for name in weights):
            weights = {name.removeprefix(prefix): weight for name, weight in weights.items()}
    return weights


def _load(path: Path) -> Any:
    _check_archive(path)
    try:
        return torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except pickle.UnpicklingError as error:
        raise VoiceError(
            "voice_invalid",
            "The checkpoint contains objects other than weights. Nothing was executed. Save its state dict alone.",
        ) from error
    except Exception as error:
        # A malformed pickle can raise any exception.
        raise VoiceError("voice_invalid", "The checkpoint is damaged or is not a weights file.") from error


def _check_archive(path: Path) -> None:
    """Reject compressed archives (zip bombs): PyTorch writes its archives uncompressed.

    :raises ValueError: if the file is not an uncompressed archive.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    # zipfile raises NotImplementedError for an archive of a later version of the format.
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
