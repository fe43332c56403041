"""The real server with the real voice, on a copy of the tests' data."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.server import ROOT, Server

NEW_TOKEN = """
from django.contrib.auth.models import User
from accounts.tokens import create_token
print(create_token(User.objects.create_user("alice"), "tests", ["speak", "say", "themes"])[1])
"""


@contextmanager
def serving(joe_voice_dir: Path, folder: Path) -> Iterator[Server]:
    """Start a server that stores its data in ``folder``, and stop it after use."""
    shutil.copytree(joe_voice_dir.parents[1], folder / "data")
    served = Server(folder / "data", folder / "server.log")
    served.start()
    try:
        yield served
    finally:
        served.stop()


def new_token(server: Server) -> str:
    """Create the account of alice, and return one of its tokens."""
    environment = {**os.environ, "DATA_DIR": str(server.data_dir), "DJANGO_SETTINGS_MODULE": "project.settings"}
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", NEW_TOKEN]
    made = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return made.stdout.split()[-1]
