"""The client is a package of its own: it imports nothing of the server."""

import ast
import sys
import tomllib
from pathlib import Path

import pytest

from tests.e2e.server import ROOT

FOLDER = ROOT / "client"
OWN = "alphanumeric_client"


@pytest.mark.parametrize("file", sorted((FOLDER / "src").rglob("*.py")), ids=lambda file: file.stem)
def test_it_imports_the_standard_library_and_its_dependencies_only(file: Path) -> None:
    tree = ast.parse(file.read_text("utf-8"))
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    allowed = {OWN, "httpx2", *(["mcp"] if "mcp" in file.stem else [])}
    assert {name.partition(".")[0] for name in names} - allowed <= sys.stdlib_module_names


def test_its_dependencies_are_tested_here() -> None:
    own = tomllib.loads((FOLDER / "pyproject.toml").read_text("utf-8"))["project"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = {*own["dependencies"], *own["optional-dependencies"].get("mcp", [])}
    assert needed <= {*project["dependencies"], *project["optional-dependencies"]["dev"]}
    assert own["version"] == project["version"]
