#!/usr/bin/env python3
"""Django's command line for Alphanumeric."""

import os
import sys

from core.process.malloc import reexec_with_libc_malloc

if __name__ == "__main__":
    if "serve" in sys.argv[1:2]:
        reexec_with_libc_malloc()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    # Imported here: Django must not be loaded twice.
    from project.configuration.command_line import run

    run(sys.argv)
