"""``manage.py install_queued_voices``: install the voices that administrators chose; the server starts it."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from core.process.address_space import lift_limit
from synthesis.voices.downloads.installations import run_queue

NICENESS = 10
"""Lower priority than the server's: speech continues while a voice is compiled."""


class Command(BaseCommand):
    """Installs the queued voices."""

    help = "Install the voices that were chosen in the admin. The server starts this command."

    def handle(self, *args: Any, **options: Any) -> None:
        """Install until none is left."""
        # The server that started this process is limited to less than torch needs.
        lift_limit()
        if hasattr(os, "nice"):
            os.nice(NICENESS)
        # If memory runs out, the kernel must end this process, not the server.
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000")
        run_queue()
