"""The license list, and that unreviewed licenses fail it."""

import pytest

from scripts import licenses
from scripts.licenses import Row, client_requirements, license_of, permissive, report, rows


def test_all_installed_packages_are_reviewed() -> None:
    text, fine = report(rows(["django>=5", "num2words", "espeakng-loader", "coqui-tts", "channels"]))
    assert fine, text
    assert "GPL-3.0-or-later" in text


def test_all_packages_of_the_client_are_reviewed() -> None:
    text, fine = report(rows(client_requirements()))
    assert fine, text
    assert "httpx2" in text


@pytest.mark.parametrize(
    ("name", "license_name", "problem"),
    [
        ("a", "MIT", ""),
        ("a", "Apache-2.0 OR GPL-3.0", ""),
        ("a", "Apache-2.0 WITH LLVM-exception AND MIT", ""),
        ("a", "MIT AND GPL-3.0", "copyleft license, not reviewed"),
        ("a", "AGPL-3.0-only", "copyleft license, not reviewed"),
        ("a", "MPL-2.0", "copyleft license, not reviewed"),
        ("a", "Proprietary", "unknown license, not reviewed"),
        ("a", "", "no license in its metadata"),
        ("nvidia-cublas", "LicenseRef-NVIDIA-Proprietary", ""),
        ("num2words", "LGPL", ""),
        ("num2words", "GPL-3.0", "reviewed as LGPL"),
        ("espeakng-loader", "", ""),
        ("espeakng-loader", "MIT", "reviewed as GPL-3.0-or-later"),
    ],
)
def test_an_unreviewed_license_is_reported(name: str, license_name: str, problem: str) -> None:
    row = Row(name, "1", license_name)
    assert row.problem == problem
    assert report([row])[1] == (not problem)


@pytest.mark.parametrize(
    ("fields", "classifiers", "expected"),
    [
        ({"License-Expression": "MIT"}, [], "MIT"),
        ({"License": "Apache 2.0"}, [], "Apache-2.0"),
        ({"License": "A long text\nof many lines"}, ["License :: OSI Approved :: BSD License"], "BSD"),
        ({"License": "UNKNOWN"}, ["License :: OSI Approved :: MIT License"], "MIT"),
        ({}, ["Topic :: Text"], ""),
        (
            {},
            ["License :: OSI Approved :: GNU General Public License v3 (GPLv3)"],
            "GNU General Public License v3 (GPLv3)",
        ),
    ],
)
def test_licenses_are_read_from_the_package_metadata(
    fields: dict[str, str], classifiers: list[str], expected: str
) -> None:
    assert license_of(fields, classifiers) == expected
    assert permissive(expected) == (expected in licenses.PERMISSIVE)


def test_the_closure_follows_extras_and_dependencies() -> None:
    names = {row.name for row in rows(["whitenoise[brotli]", "channels"])}
    assert {"whitenoise", "brotli", "channels", "django", "asgiref", "sqlparse"} <= names
    assert "pytest" not in names


def test_main_fails_on_an_unreviewed_package(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert licenses.main() == 0
    monkeypatch.delitem(licenses.KNOWN, "num2words")
    assert licenses.main() == 1
    assert "PROBLEM: copyleft" in capsys.readouterr().out
