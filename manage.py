#!/usr/bin/env python3
"""Django's command line for Alphanumeric."""

import os
import sys

from django.core.management import execute_from_command_line

from core.process.malloc import reexec_with_libc_malloc

if __name__ == "__main__":
    if "serve" in sys.argv[1:2]:
        reexec_with_libc_malloc()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    execute_from_command_line(sys.argv)
