"""Runs the command: ``python -m alphanumeric_client``."""

import sys

from alphanumeric_client.cli import main

sys.exit(main())
