"""The project's settings with a temporary DATA_DIR, so that tests never change ``var/``."""

import os
from pathlib import Path

os.environ["DATA_DIR"] = str(Path(__file__).parents[1] / "var" / "tests")

from project.settings import *  # noqa: F403
from project.settings import STORAGES

# Other threads' connections do not see uncommitted rows, and an in-memory database cannot be shared reliably.
DATABASE_IN_ONE_THREAD = True

# The test clients' host name.
LOCAL_HOST_NAMES = [*LOCAL_HOST_NAMES, "testserver"]  # noqa: F405

# The test process imports torch and other packages that a server does not, and so uses more memory.
MEMORY_LIMIT_MB = 100_000
# With this limit, auto could select OpenVINO.
SYNTHESIS_ENGINE = "onnx"

# Tests of views need file URLs without hashes; the end-to-end tests use the hashed URLs of a real server.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}

# Servers that tests start as other processes use SQLite, and no Redis, unless the test says otherwise.
for name in ("DATABASE_URL", "REDIS_URL"):
    os.environ.pop(name, None)
