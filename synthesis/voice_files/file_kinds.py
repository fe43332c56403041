"""Recognizes files that are mistaken for a voice's files, by their first bytes. Pure; parses nothing."""

import zipfile
from pathlib import Path

from synthesis.errors import VoiceError

HEAD_BYTES = 4096
"""Bytes at the beginning of a file that suffice to recognize it."""

_LFS = (
    "is a Git LFS pointer, which only names the file. Run 'git lfs pull' in the repository, or download the file itself"
)
_WEB_PAGE = (
    "is a web page. The download returned a page instead of the file: sign in if the site requires it, use the site's "
    "link to the raw file, and download it again"
)
_SERVER_ERROR = "is an error message of a web server. Check the address, and download the file again"
_ARCHIVE = (
    "is an archive. Unpack it, and give the model file in it (.onnx, .pth or .safetensors); keep the other files "
    "next to it"
)
_AUDIO = "is an audio recording. Give the model file of a voice (.onnx, .pth or .safetensors)"
_OTHER_RUNTIME = "is a model in the GGUF format, which cannot be imported. Give a Piper .onnx or a Coqui VITS .pth file"
_TORCHSCRIPT = (
    "is a TorchScript program, which is never executed here. Give the checkpoint (.pth) that it was made from, "
    "or a Piper .onnx file"
)
_OLD_TORCH = (
    "was saved in PyTorch's format before version 1.6, which is not read here. Load it in the program that made it, "
    "and save it again with a current PyTorch"
)
_LIGHTNING = (
    "is a training checkpoint of PyTorch Lightning, as Piper's training writes. Export it with "
    "'python -m piper.train.export_onnx', and give the .onnx file with its .onnx.json"
)
_JSON = "is a JSON file. Give the model file (.onnx, .pth or .safetensors); its configuration is found next to it"
_EMPTY = "is empty. Download it again"

_SIGNATURES = (
    (b"version https://git-lfs.github.com/spec/", _LFS),
    (b"\x1f\x8b", _ARCHIVE),
    (b"BZh", _ARCHIVE),
    (b"\xfd7zXZ\x00", _ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", _ARCHIVE),
    (b"Rar!\x1a\x07", _ARCHIVE),
    (b"\x28\xb5\x2f\xfd", _ARCHIVE),
    (b"RIFF", _AUDIO),
    (b"OggS", _AUDIO),
    (b"fLaC", _AUDIO),
    (b"ID3", _AUDIO),
    (b"GGUF", _OTHER_RUNTIME),
    (b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", _OLD_TORCH),
)
_ARCHIVE_SUFFIXES = frozenset((".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".zst"))
_ZIP = b"PK\x03\x04"
_TAR_MAGIC = slice(257, 262)
_QUOTED = 60
"""Maximum characters of a text file that a message quotes."""


def refuse_known(path: Path) -> None:
    """Raise ``VoiceError`` ``voice_invalid`` if ``path`` is recognizably no model file; the message says what it is.

    :raises VoiceError: also if the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise VoiceError("voice_invalid", f"{path.name} cannot be read: {error.strerror}.") from error
    if kind := _kind(path, head):
        raise VoiceError("voice_invalid", f"{path.name} {kind}.")


def recognize(head: bytes) -> str | None:
    """Return what a file that begins with ``head`` is and what to do about it; ``None`` if it could be a voice's.

    The result is a sentence without subject and period: ``is a web page. ... download it again``.
    """
    if not head:
        return _EMPTY
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if head[_TAR_MAGIC] == b"ustar":
        return _ARCHIVE
    text = _text(head).lower()
    if text.startswith(("<!doctype html", "<html", "<head", "<script", "<body")):
        return _WEB_PAGE
    if text.startswith("<?xml"):
        return _WEB_PAGE if "<html" in text else _SERVER_ERROR
    return None


def is_torch_archive(path: Path) -> bool:
    """Return whether ``path`` is a zip archive that PyTorch wrote."""
    return any(name.endswith("/data.pkl") for name in _names(path))


def _kind(path: Path, head: bytes) -> str | None:
    suffix = path.suffix.lower()
    if kind := recognize(head):
        return kind
    if suffix == ".ckpt":
        return _LIGHTNING
    if head.startswith(_ZIP):
        # Coqui's older checkpoints are called .pth.tar, but are PyTorch's zip archives.
        return _zip_kind(path)
    if suffix in _ARCHIVE_SUFFIXES:
        return _ARCHIVE
    return _JSON if _text(head).startswith(("{", "[")) else _text_kind(head)


def _zip_kind(path: Path) -> str | None:
    names = _names(path)
    if any(name.endswith("/constants.pkl") for name in names):
        return _TORCHSCRIPT
    # A damaged archive has no names and is reported by its reader.
    return None if not names or is_torch_archive(path) else _ARCHIVE


def _names(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    # zipfile raises NotImplementedError for an archive of a later version of the format.
    except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile):
        return []


def _text(head: bytes) -> str:
    """Return ``head`` as text without a byte order mark and leading white space; empty if it is binary."""
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    text = head.decode(encoding, errors="ignore").lstrip()
    return "" if "\0" in text else text


def _text_kind(head: bytes) -> str | None:
    """Return the description of a short text file, such as a download service's ``Entry not found``."""
    text = " ".join(_text(head).split())
    if len(head) == HEAD_BYTES or not text or not text.isprintable():
        return None
    quoted = text if len(text) <= _QUOTED else f"{text[: _QUOTED - 1]}…"
    return f'is a text file ("{quoted}"). Give the model file (.onnx, .pth or .safetensors)'
