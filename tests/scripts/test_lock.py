"""The lock files are complete, have the pinned versions, and contain only names, versions and hashes."""

import re
import tomllib
from types import SimpleNamespace

import pytest

from scripts.licenses import rows
from scripts.lock import FILES, LEFT_OUT, ROOT, packages, resolved

PIN = re.compile(r"(\S+?)==([^\s;]+)")
LINE = re.compile(r"#.*|[a-z0-9.-]+==\S+( ; .+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")


def _text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _pinned() -> dict[str, str]:
    return {_plain(name): version for name, version in PIN.findall(_text("constraints.txt"))}


@pytest.mark.parametrize("name", FILES)
def test_locks_contain_only_names_versions_and_hashes(name: str) -> None:
    lines = _text(name).splitlines()
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    blocks = packages(_text(name))
    assert all(block.count("--hash=") for block in blocks.values())
    assert sum(block.count("\n") for block in blocks.values()) + 2 == len(lines)


@pytest.mark.parametrize("name", FILES)
def test_locked_versions_equal_the_constraints(name: str) -> None:
    pinned = _pinned()
    found = {package: block.partition("==")[2].split()[0] for package, block in packages(_text(name)).items()}
    assert {package: version for package, version in found.items() if pinned.get(package, version) != version} == {}


def test_all_runtime_dependencies_except_torch_are_locked() -> None:
    project = tomllib.loads(_text("pyproject.toml"))["project"]
    needed = {row.name for row in rows(project["dependencies"])}
    assert {
        name for name in needed - set(packages(_text("requirements.lock"))) if not LEFT_OUT.fullmatch(name)
    } == set()
    # The project itself is built with the locked setuptools.
    assert "setuptools" in packages(_text("requirements.lock"))


def test_make_installs_with_hashes() -> None:
    makefile = _text("Makefile")
    locked = re.search(r"^LOCKED := (.*)$", makefile, re.MULTILINE)
    assert locked is not None
    assert {"--no-deps", "--require-hashes"} <= set(locked[1].split())
    # Both setup targets install the locked packages first.
    rules = re.findall(r"^\$\(VENV\)/\.(?:run|dev): .*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert len(rules) == 2
    for rule in rules:
        first = next(line for line in rule.splitlines() if "@echo" not in line)
        assert first.startswith("\t@$(LOCKED) --requirement requirements.lock")


def test_hashes_are_required(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def run(command: list[str], **_: object) -> SimpleNamespace:
        asked.extend(command)
        return SimpleNamespace(stdout="")

    monkeypatch.setattr("scripts.lock.subprocess.run", run)
    resolved("dev")
    assert "--generate-hashes" in asked
    assert "--extra=dev" in asked


def test_packages_of_torch_are_excluded() -> None:
    text = (
        "torch==1 ; python_full_version < '3.14' \\\n    --hash=sha256:aa\n"
        "torchcodec==2 ; python_full_version < '3.14' and sys_platform == 'x' \\\n"
        "    --hash=sha256:bb \\\n    --hash=sha256:cc\n"
        "nvidia-nvtx==3 \\\n    --hash=sha256:dd\n"
    )
    assert packages(text) == {
        "torchcodec": "torchcodec==2 ; sys_platform == 'x' \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\n"
    }
