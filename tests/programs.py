"""Programs that some tests run. A test that lacks one is skipped, except in CI, where a skip would hide it."""

import os
import shutil
from typing import NoReturn

import pytest

PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin"))
"""Debian installs servers where only root's ``PATH`` looks."""


def find_program(name: str, package: str) -> str:
    """Return the path of a program; without it, skip or fail the test. ``package`` is Debian's."""
    return shutil.which(name, path=PATH) or lacks(f"{name} is missing: apt install {package}")


def lacks(reason: str) -> NoReturn:
    """Skip the test that runs, or fail it in CI, which installs everything that tests need."""
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
