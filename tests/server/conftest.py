"""A real server, for tests that need real connections."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.server import Server, copy_installation


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory, joe_voice_dir: Path) -> Iterator[Server]:
    """Yield ``manage.py serve`` with the real voice."""
    folder = tmp_path_factory.mktemp("served")
    copy_installation(folder, joe_voice_dir)
    made = Server(folder, folder / "server.log")
    made.start()
    yield made
    made.stop()
