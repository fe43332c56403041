"""The project's settings with a folder of their own: tests never touch what a person keeps in ``var/``."""

import os
from pathlib import Path

os.environ["DATA_DIR"] = str(Path(__file__).parents[1] / "var" / "tests")

from project.settings import *  # noqa: F403
from project.settings import STORAGES

# Connections of other threads do not see what a test has not committed, and share an in-memory database badly.
DATABASE_IN_ONE_THREAD = True

# This process has torch in it, and much else that a server has not.
MEMORY_LIMIT_MB = 100_000

# Tests of views need the files' addresses, not their hashes; the end-to-end tests serve them as they are served.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
