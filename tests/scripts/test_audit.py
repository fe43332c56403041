"""The audit: advisories without network, and the SBOM; the check of wheels; the commands without make."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from scripts import audit, dev, wheels
from scripts.audit import AdvisoryError, sbom, vulnerabilities
from scripts.licenses import Row, rows

PACKAGES = {"django": "5.2.8", "redis": "6.0"}


def record(name: str = "Django", **affected: Any) -> dict[str, Any]:
    return {
        "id": "CVE-1",
        "summary": "Bad",
        "affected": [{"package": {"ecosystem": "PyPI", "name": name}, **affected}],
    }


def span(*events: dict[str, str]) -> dict[str, Any]:
    return {"ranges": [{"type": "ECOSYSTEM", "events": list(events)}]}


@pytest.mark.parametrize(
    ("one", "found"),
    [
        (record(versions=["5.2.8"]), True),
        (record(versions=["5.2.7"]), False),
        (record("jango", versions=["5.2.8"]), False),
        (record(**span({"introduced": "0"}, {"fixed": "5.2.9"})), True),
        (record(**span({"introduced": "0"}, {"fixed": "5.2.8"})), False),
        (record(**span({"introduced": "5.2.9"})), False),
        (record(**span({"introduced": "4.0"}, {"last_affected": "5.2.8"})), True),
        (record(**span({"introduced": "4.0"}, {"fixed": "4.1"}, {"introduced": "5.0"}, {"fixed": "5.3"})), True),
        (record(**span({"introduced": "0"}, {"fixed": "unreadable!"})), True),
        ({**record(versions=["5.2.8"]), "withdrawn": "2026-01-01T00:00:00Z"}, False),
    ],
)
def test_an_advisory_matches_versions_and_ranges(tmp_path: Path, one: dict[str, Any], found: bool) -> None:
    file = tmp_path / "advisories.json"
    file.write_text(json.dumps({"vulns": [one]}))
    assert vulnerabilities(file, PACKAGES) == (["django 5.2.8: CVE-1 Bad"] if found else [])


@pytest.mark.parametrize("text", ["", "{}", '[{"id": 1}]', "[1]", '{"vulns": 3}'])
def test_an_unreadable_file_of_advisories_is_a_finding(tmp_path: Path, text: str) -> None:
    file = tmp_path / "advisories.json"
    file.write_text(text)
    with pytest.raises(AdvisoryError, match="is not a file of OSV records"):
        vulnerabilities(file, PACKAGES)


def test_the_sbom_is_valid_cyclonedx() -> None:
    made = json.loads(sbom([*rows(["django>=5", "espeakng-loader"]), Row("x", "1", "MIT AND GPL-3.0")]))
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    assert made["metadata"]["component"]["name"] == "alphanumeric"
    components = {component["name"]: component for component in made["components"]}
    assert components["django"]["purl"].startswith("pkg:pypi/django@5")
    assert components["espeakng-loader"]["licenses"][0]["license"]["name"] == "GPL-3.0-or-later"


def test_a_finding_is_the_exit_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit, "deployment_faults", list)
    file = tmp_path / "advisories.json"
    arguments = ["--advisories", str(file), "--sbom", str(tmp_path / "sbom.json")]
    file.write_text("[]")
    assert audit.main(arguments) == 0
    file.write_text(json.dumps([record(**span({"introduced": "0"}))]))
    assert audit.main(arguments) == 1
    assert "CVE-1 Bad" in capsys.readouterr().out
    assert json.loads((tmp_path / "sbom.json").read_text())["components"]


def test_packages_without_wheels_are_named() -> None:
    lock = "numpy==2.1 \\\n    --hash=sha256:0\nuvloop==1.0 ; sys_platform != 'win32' \\\n"
    lock += "    --hash=sha256:0\ndocopt==1 \\\n"
    wanted = wheels.pins(lock)
    assert wanted == {"numpy": "numpy==2.1", "uvloop": "uvloop==1.0 ; sys_platform != 'win32'"}

    def ask(requirements: Sequence[str], platform: str) -> str:
        broken = [one for one in requirements if one.startswith("numpy")]
        return f"error: Because {broken[0]} has no usable wheels and you require it" if broken else ""

    assert list(wheels.missing(wanted, "any", ask)) == ["numpy"]
    with pytest.raises(RuntimeError, match="no network"):
        wheels.missing(wanted, "any", lambda *_: "no network")


def test_the_commands_without_make_equal_those_of_the_makefile() -> None:
    makefile = (dev.ROOT / "Makefile").read_text()
    for command in dev.setup_commands("python", develop=True):
        for word in command[5:]:
            assert word in makefile, word
    assert dev.commands("run", "python", ["--skip-checks"]) == [["python", "manage.py", "serve", "--skip-checks"]]
    assert dev.interpreter(Path("v"), "win32") == Path("v/Scripts/python.exe")
    assert dev.interpreter(Path("v"), "linux") == Path("v/bin/python")
