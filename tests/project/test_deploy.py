"""Tests that systemd accepts the unit files, and that they restrict the service."""

import re
import subprocess
from pathlib import Path

from tests.programs import find_program

UNITS = Path(__file__).parents[2] / "deploy" / "systemd"
MAX_EXPOSURE = 2.5


def analyze(*arguments: str) -> str:
    program = find_program("systemd-analyze", "systemd")
    result = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    return result.stdout + result.stderr


def test_the_units_are_valid() -> None:
    problems = analyze("verify", *map(str, sorted(UNITS.iterdir()))).splitlines()
    # The interpreter exists on the server only.
    assert [line for line in problems if "is not executable" not in line] == []


def test_the_service_is_confined() -> None:
    told = analyze("security", "--offline=true", str(UNITS / "alphanumeric.service"))
    found = re.search(r"exposure level for alphanumeric\.service: ([\d.]+)", told)
    assert found, told
    assert float(found[1]) < MAX_EXPOSURE
