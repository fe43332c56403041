"""Installs the voices that administrators choose in the admin, one at a time, in a process of its own.

The serving process only writes rows; ``manage.py install_queued_voices`` runs with a lower priority,
downloads and compiles, and writes its progress into them.
"""

import logging
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.limits import registry
from core.storage.file_lock import file_lock
from synthesis.errors import SpeechError, VoiceError
from synthesis.models import Voice, VoiceInstallation
from synthesis.voices.downloads.catalogs import read_catalogs
from synthesis.voices.downloads.fetching import complete, fetch
from synthesis.voices.downloads.origins import origin
from synthesis.voices.installer import COMPILER_ERRORS, explain_failure, install

logger = logging.getLogger(__name__)

State = VoiceInstallation.State
MAX_ACTIVE = registry.MAX_QUEUED_INSTALLATIONS.default
KEPT = 20
"""Finished installations that are listed; older ones are deleted."""
REPORT_S = 0.5
"""Seconds between two writes of the progress."""
START_S = 60
"""Seconds after which a queued installation without a running process counts as interrupted."""
ADVICE = {
    "download_failed": "Check the server's network connection, and install the voice again: its download continues.",
    "download_mismatch": "Install the voice again. If that does not help, the catalog is wrong: choose another voice.",
    "storage_full": "Free space on the server's disk, and install the voice again: its download continues.",
}
"""What to do about a failed installation, by error code."""
INTERRUPTED = "The installation was interrupted. Start it again: its download continues."


def request_installation(name: str, voice_id: str) -> VoiceInstallation:
    """Queue the voice ``name`` of a catalog. Raises ``VoiceError`` if it is installed or queued, or the queue is full.

    :param voice_id: the id that it will have.
    """
    if Voice.objects.filter(id=voice_id).exists():
        raise VoiceError("voice_exists", f"The voice {voice_id} is already installed.")
    with transaction.atomic():
        if VoiceInstallation.objects.filter(state__in=VoiceInstallation.ACTIVE).count() >= MAX_ACTIVE:
            message = f"{MAX_ACTIVE} voices are being installed or wait. Try again when one is finished."
            raise VoiceError("installations_full", message, limit=MAX_ACTIVE)
        try:
            # A savepoint, so that the constraint's error does not end the transaction.
            with transaction.atomic():
                made = VoiceInstallation.objects.create(name=name)
        except IntegrityError as error:
            raise VoiceError("voice_exists", f"The voice {name} is already being installed.") from error
        finished = VoiceInstallation.objects.exclude(state__in=VoiceInstallation.ACTIVE)
        finished.exclude(id__in=list(finished.values_list("id", flat=True)[:KEPT])).delete()
    return made


def start_process() -> None:
    """Start the process that installs the queued voices; several wait for each other."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "install_queued_voices"]
    # A session of its own: a signal to the server's group would stop it in the middle of a file.
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 - no user input
    Thread(target=process.wait, name="voice-installation", daemon=True).start()


def cancel(installation_id: int) -> None:
    """Cancel a queued installation at once, and a running one at its next step."""
    with transaction.atomic():
        VoiceInstallation.objects.filter(id=installation_id, state=State.QUEUED).update(state=State.CANCELLED)
        VoiceInstallation.objects.filter(id=installation_id, state=State.RUNNING).update(cancel_requested=True)


def recent() -> list[VoiceInstallation]:
    """Return the installations, the newest first. Those whose process ended without a result are marked as failed."""
    with _installing(_is_running) as alone:
        if alone:
            _mark_interrupted(timezone.now() - timedelta(seconds=START_S))
    return list(VoiceInstallation.objects.all()[: KEPT + MAX_ACTIVE])


def run_queue(clock: Callable[[], float] = time.monotonic) -> None:
    """Install the queued voices, oldest first, until none is left."""
    with _installing():
        VoiceInstallation.objects.filter(state=State.RUNNING).update(state=State.FAILED, message=INTERRUPTED)
        while (row := VoiceInstallation.objects.filter(state=State.QUEUED).order_by("id").first()) is not None:
            # Only if it was not cancelled in the meantime.
            if VoiceInstallation.objects.filter(id=row.id, state=State.QUEUED).update(state=State.RUNNING):
                _Installation(row.id, row.name, clock).run()


class _Installation:
    """One installation that is running."""

    def __init__(self, id_: int, name: str, clock: Callable[[], float]) -> None:
        self._rows = VoiceInstallation.objects.filter(id=id_)
        self._name = name
        self._clock = clock
        self._reported = float("-inf")
        self._warnings: list[str] = []

    def run(self) -> None:
        """Install the voice, and record the result."""
        try:
            self._install()
            self._finish(State.DONE, "\n".join(self._warnings))
        except SpeechError as error:
            message = f"{error.message} {ADVICE.get(error.code, '')}".strip()
            self._finish(State.CANCELLED if error.code == "cancelled" else State.FAILED, message)
        except (OSError, *COMPILER_ERRORS) as error:
            logger.exception("the voice %s could not be installed", self._name)
            self._finish(State.FAILED, explain_failure(error))

    def _install(self) -> None:
        place = origin()
        self._step("reading the catalog")
        voice = complete(read_catalogs(place).find(self._name), place)
        self._step("downloading")
        with fetch(voice, place, self._downloaded, self._warnings.append) as source:
            install(source, voice.id, default=False, replace=False, progress=self._step, warn=self._warnings.append)

    def _downloaded(self, done: int, total: int | None) -> None:
        now = self._clock()
        if now - self._reported >= REPORT_S or done == total:
            self._reported = now
            self._record(done_bytes=done, total_bytes=total)

    def _step(self, step: str) -> None:
        self._record(step=step[:200])

    def _record(self, **fields: Any) -> None:
        """Write the progress, and raise ``VoiceError`` ``cancelled`` if an administrator cancelled."""
        self._rows.update(**fields)
        if self._rows.filter(cancel_requested=True).exists():
            raise VoiceError("cancelled", "The installation was cancelled.")

    def _finish(self, state: str, message: str) -> None:
        self._rows.update(state=state, step="", message=message)


class _TakenError(Exception):
    """Another process installs voices."""


def _is_running() -> None:
    raise _TakenError


@contextmanager
def _installing(when_taken: Callable[[], object] = lambda: None) -> Iterator[bool]:
    """Hold the lock of the process that installs. Yields ``False`` if ``when_taken`` raises ``_TakenError``."""
    folder: Path = settings.DATA_DIR / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with file_lock(folder / ".voice-installations.lock", when_taken):
            yield True
    except _TakenError:
        yield False


def _mark_interrupted(queued_before: Any) -> None:
    VoiceInstallation.objects.filter(state=State.RUNNING).update(state=State.FAILED, message=INTERRUPTED)
    late = VoiceInstallation.objects.filter(state=State.QUEUED, created__lt=queued_before)
    late.update(state=State.FAILED, message=INTERRUPTED)
