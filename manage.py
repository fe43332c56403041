#!/usr/bin/env python3
"""Django's command line for Alphanumeric."""

import os
import sys

from django.core.management import execute_from_command_line

from synthesis.memory import begin_on_one_heap

if __name__ == "__main__":
    if "serve" in sys.argv[1:2]:
        begin_on_one_heap()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    execute_from_command_line(sys.argv)
