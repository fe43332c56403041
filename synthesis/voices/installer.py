"""Installs a voice: imports, compiles and moves its files, then adds it to the catalog. A failure
leaves no files behind.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import transaction

from core.limits.disk_quota import data_dir_quota
from core.storage.file_lock import file_lock
from synthesis.errors import VoiceError
from synthesis.models import VOICE_ID, Voice
from synthesis.voice_files.manifest import CONFIG_FILE, WEIGHTS_FILE, VoiceManifest
from synthesis.voices.sources import Format, Source

Progress = Callable[[str], None]

UNFINISHED = ".unfinished-"
COMPILER_ERRORS = (ArithmeticError, AssertionError, LookupError, MemoryError, RuntimeError, TypeError, ValueError)
"""Exceptions that torch and Coqui raise for networks that they cannot build or trace."""


def explain_failure(error: Exception) -> str:
    """Return a sentence for an ``OSError`` or a compiler error during an installation."""
    if isinstance(error, OSError):
        return f"The voice could not be written or read: {error.strerror or error}."
    return (
        f"The voice could not be installed ({type(error).__name__}: {error}). Its files may be damaged: "
        "download them again."
    )


def voice_id(name: str) -> str:
    """Return an id derived from a name: ``en_US-joe-medium`` gives ``en_us-joe-medium``."""
    return re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-_")[:63]


def install(
    source: Source,
    id: str,  # noqa: A002
    *,
    default: bool,
    replace: bool,
    progress: Progress,
    warn: Progress = lambda _warning: None,
) -> Voice:
    """Import and compile ``source`` and add it to the catalog as ``id``. Raises ``VoiceError``.

    :param warn: called with a sentence for each setting that is missing or does not fit.
    """
    if not re.fullmatch(VOICE_ID, id):
        raise VoiceError(
            "voice_invalid",
            "A voice id consists of at most 63 lower-case letters a to z, digits, - and _. Choose one with --id.",
        )
    with _locked(settings.VOICES_DIR) as voices:
        folder = voices / id
        # A folder without a database record belongs to a previous database and can be replaced.
        if not replace and Voice.objects.filter(id=id).exists():
            raise VoiceError("voice_exists", f"The voice {id} already exists. Use --replace or another --id.")
        full = data_dir_quota().fault()
        if full:
            raise VoiceError("storage_full", full)
        made = voices / (UNFINISHED + id)
        try:
            manifest = _build(source, made, progress, warn)
            _swap(made, folder)
        finally:
            shutil.rmtree(made, ignore_errors=True)
        return _record(source, id, manifest, default=default)


def recompile(id: str, progress: Progress) -> None:  # noqa: A002
    """Recompile an installed voice from its checkpoint. Raises ``VoiceError``."""
    with _locked(settings.VOICES_DIR) as voices:
        folder, made = voices / id, voices / (UNFINISHED + id)
        if not (folder / WEIGHTS_FILE).is_file():
            raise VoiceError("voice_unknown", f"The voice {id} is not installed, or its checkpoint is missing.")
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
    """Return whether the voice in ``folder`` has a manifest version that this program cannot load."""
    try:
        VoiceManifest.read(folder)
    except VoiceError:
        return True
    return False


def remove(id: str, *, wait: bool = True) -> Voice | None:  # noqa: A002
    """Delete a voice and its files; return the new default voice if the default changed. Raises ``VoiceError``.

    :param wait: whether to wait while a voice is being installed, or to raise ``voice_busy``.
    """
    with _locked(settings.VOICES_DIR, _no_step if wait else _refuse_to_wait) as voices, transaction.atomic():
        voice = Voice.objects.filter(id=id).first()
        if voice is None:
            raise VoiceError(
                "voice_unknown",
                f"The voice {id} is not installed.",
                choices=list(Voice.objects.values_list("id", flat=True)),
            )
        was_default = voice.default
        voice.delete()
        heir = Voice.objects.filter(enabled=True).order_by("created").first() if was_default else None
        if heir is not None:
            heir.default = True
            heir.save()
        shutil.rmtree(voices / id, ignore_errors=True)
        return heir


def _build(source: Source, folder: Path, progress: Progress, warn: Progress) -> VoiceManifest:
    progress("loading torch and Coqui")
    # Imported lazily: listing and removing voices must not import torch.
    from synthesis.voices.compiler.compiler import compile_voice
    from synthesis.voices.importers.coqui_checkpoint import import_checkpoint
    from synthesis.voices.importers.mms import import_mms
    from synthesis.voices.importers.piper import import_piper
    from synthesis.voices.importers.speakers import find_speakers_file

    progress(f"importing the {source.format.value} {source.model.name}")
    files, language = (source.config, source.model, folder), source.language
    match source.format:
        case Format.PIPER:
            import_piper(source.model, source.config, folder, warn=warn, language=language)
        case Format.MMS:
            import_mms(*files, warn=warn, language=language or source.language_hint)
        case Format.COQUI:
            speakers, hint = find_speakers_file(source.model), source.language_hint
            import_checkpoint(*files, speakers_path=speakers, warn=warn, language=language, language_hint=hint)
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


def _no_step() -> None:
    pass


def _refuse_to_wait() -> None:
    raise VoiceError("voice_busy", "A voice is being installed. Try again when that is finished.")


@contextmanager
def _locked(voices: Path, when_taken: Callable[[], None] = _no_step) -> Iterator[Path]:
    """Allow one installation at a time, and delete the files of an interrupted one."""
    voices.mkdir(parents=True, exist_ok=True)
    with file_lock(voices / ".lock", when_taken):
        for left in voices.glob(UNFINISHED + "*"):
            shutil.rmtree(left, ignore_errors=True)
        yield voices
