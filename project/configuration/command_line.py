"""``manage.py``: Django's command line, with one line in place of a traceback for faults of the installation."""

import importlib
import os
import sys
from collections.abc import Sequence

from django.core.management import execute_from_command_line

from project.configuration.start_errors import explain


def run(argv: Sequence[str]) -> None:
    """Run a command. Exits with status 1 and one line if the settings, the rights or the disk prevent it."""
    try:
        # Django would hide an invalid setting behind "Unknown command".
        importlib.import_module(os.environ["DJANGO_SETTINGS_MODULE"])
        execute_from_command_line(list(argv))
    except Exception as error:
        sentence = explain(error)
        if sentence is None or "--traceback" in argv:
            raise
        sys.exit(f"Error: {sentence}")
