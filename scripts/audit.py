"""Audits an installation: known vulnerabilities, Django's deployment checks, licenses; and writes an SBOM (CycloneDX).

``make audit`` runs this. Exits with 1 if something needs attention. Advisories come from the package index or, with
``--advisories FILE``, from a file of OSV records (https://ossf.github.io/osv-schema/), for machines without network.
"""

import argparse
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from scripts.licenses import Row, permissive, report, rows

ROOT = Path(__file__).resolve().parents[1]
SBOM = "sbom.cdx.json"
EXAMPLE_SETTINGS = {
    "ALLOWED_HOSTS": "speech.example.com",
    "BEHIND_TLS_PROXY": "true",
    "TRUSTED_PROXIES": "127.0.0.1",
}
"""Settings of a deployment, for the checks, where the environment has none."""


class AdvisoryError(Exception):
    """The advisories could not be read or asked for."""


def vulnerabilities(advisories: Path, packages: Mapping[str, str]) -> list[str]:
    """Return a line for each OSV record in the file that affects an installed version. Raises ``AdvisoryError``."""
    try:
        records = json.loads(advisories.read_text("utf-8"))
        records = records if isinstance(records, list) else records["vulns"]
        return sorted(line for record in records for line in _affected(record, packages))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise AdvisoryError(f"{advisories} is not a file of OSV records ({type(error).__name__}: {error}).") from None


def _affected(record: Mapping[str, Any], packages: Mapping[str, str]) -> Iterator[str]:
    if record.get("withdrawn"):
        return
    for affected in record["affected"]:
        package = affected.get("package", {})
        name = canonicalize_name(package.get("name", ""))
        version = packages.get(name)
        if package.get("ecosystem") == "PyPI" and version is not None and _matches(version, affected):
            yield f"{name} {version}: {record['id']} {record.get('summary', '')}".rstrip()


def _matches(version: str, affected: Mapping[str, Any]) -> bool:
    """Return whether the version is listed, or within a range of ``introduced`` and ``fixed`` (OSV, "evaluation")."""
    if version in affected.get("versions", ()):
        return True
    ranges = [span for span in affected.get("ranges", ()) if span.get("type") == "ECOSYSTEM"]
    return any(_in_range(Version(version), span["events"]) for span in ranges)


def _in_range(version: Version, events: Sequence[Mapping[str, str]]) -> bool:
    inside = False
    for event in events:
        if "introduced" in event:
            inside = inside or event["introduced"] == "0" or version >= _version(event["introduced"])
        elif "fixed" in event:
            inside = inside and version < _version(event["fixed"])
        elif "last_affected" in event:
            inside = inside and version <= _version(event["last_affected"])
    return inside


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        # Counts as affected: an unreadable bound must not hide a vulnerability.
        return Version("999999")


def ask_index(packages: Mapping[str, str]) -> list[str]:
    """Return a line for each vulnerability that pip-audit finds at the package index. Raises ``AdvisoryError``."""
    pins = ROOT / "requirements.lock"
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--disable-pip",
        "--no-deps",
        "--format=json",
        "--progress-spinner=off",
    ]
    done = subprocess.run(  # noqa: S603 - a fixed command
        [*command, f"--requirement={pins}"], capture_output=True, text=True, check=False
    )
    try:
        found = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        reason = (done.stderr.strip() or "no answer").splitlines()[-1]
        raise AdvisoryError(f"pip-audit got no advisories ({reason}). Use --advisories FILE without network.") from None
    return sorted(
        f"{package['name']} {package['version']}: {one['id']}, fixed in {', '.join(one['fix_versions']) or 'none'}"
        for package in found
        for one in package.get("vulns", ())
        if canonicalize_name(package["name"]) in packages
    )


def sbom(packages: Iterable[Row]) -> str:
    """Return the packages as a software bill of materials, CycloneDX 1.6 in JSON."""
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression
    from cyclonedx.output import make_outputter
    from cyclonedx.schema import OutputFormat, SchemaVersion
    from packageurl import PackageURL

    made = Bom()
    made.metadata.component = Component(
        name="alphanumeric", version=metadata.version("alphanumeric"), type=ComponentType.APPLICATION
    )
    for row in packages:
        known = row.license or (row.known.license if row.known else "")
        spdx = LicenseExpression(known) if permissive(known) and " " not in known else None
        licenses = [spdx or DisjunctiveLicense(name=known)] if known else []
        url = PackageURL("pypi", name=row.name, version=row.version)
        made.components.add(
            Component(name=row.name, version=row.version, bom_ref=str(url), purl=url, licenses=licenses)
        )
    made.register_dependency(made.metadata.component, list(made.components))
    return make_outputter(made, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=1)


def deployment_faults() -> list[str]:
    """Return what ``manage.py check --deploy`` reports, with the settings of the environment."""
    environment = {**EXAMPLE_SETTINGS, **os.environ, "DJANGO_SETTINGS_MODULE": "project.settings"}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level=WARNING"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    return [line for line in done.stderr.splitlines() if line.strip()] if done.returncode else []


def main(arguments: Sequence[str]) -> int:
    """Print the findings, write the SBOM, and return 1 if something needs attention."""
    parser = argparse.ArgumentParser(prog="make audit", description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--advisories", type=Path, metavar="FILE", help="OSV records, in place of the package index")
    parser.add_argument("--sbom", type=Path, default=ROOT / SBOM, metavar="FILE", help=f"default: {SBOM}")
    options = parser.parse_args(arguments)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = rows(project["dependencies"])
    packages = {row.name: row.version for row in found}
    text, reviewed = report(found)
    sections: dict[str, list[str]] = {
        "licenses": [] if reviewed else [line for line in text.splitlines() if "PROBLEM" in line]
    }
    try:
        ask = options.advisories
        sections["vulnerabilities"] = vulnerabilities(ask, packages) if ask else ask_index(packages)
    except AdvisoryError as error:
        sections["vulnerabilities"] = [str(error)]
    sections["deployment"] = deployment_faults()
    for name, lines in sections.items():
        sys.stdout.write(f"{name}: {'ok' if not lines else ''}\n" + "".join(f"  {line}\n" for line in lines))
    options.sbom.write_text(sbom(found) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(found)} packages are listed in {options.sbom}\n")
    return 1 if any(sections.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
