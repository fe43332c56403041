"""Lists what running stands on, with versions and licenses; ends with 1 where one is neither permissive nor known.

``make licenses`` runs this. Only what packages say of themselves is read, in this environment. What a wheel has packed
into it is told by no field: where that matters and is known, it stands in ``KNOWN`` too.
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
"""Licenses that ask something of whoever passes the work on."""
SAID = {
    "3-clause bsd license": "BSD-3-Clause",
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
"""What packages write, in small letters, and what is meant."""


@dataclass(frozen=True, slots=True)
class Known:
    """A package that was looked at by a person."""

    license: str
    """What it says, or, where it says nothing, what its source says; when that changes it must be looked at again."""
    reason: str
    silent: bool = False
    """Whether the package itself says nothing."""


KNOWN = {
    "certifi": Known(
        "MPL-2.0", "A list of certificates, used unchanged; MPL asks for the source of changed files alone."
    ),
    "coqui-tts": Known("MPL-2.0", "The same license as ours; used unchanged."),
    "espeakng-loader": Known(
        "GPL-3.0-or-later",
        "Holds espeak-ng, loaded into the process: whoever passes on a bundle with it does so under the GPL (README).",
        silent=True,
    ),
    "num2words": Known("LGPL", "A library of Python files that anyone can exchange; used unchanged."),
    "soxr": Known("LGPL-2.1-or-later", "A library that can be exchanged; brought by librosa; used unchanged."),
    "torchcodec": Known("BSD-3-Clause", "Says so in the file LICENSE that it installs.", silent=True),
    "tqdm": Known("MPL-2.0 AND MIT", "Used unchanged; MPL asks for the source of changed files alone."),
}
NVIDIA = Known(
    "NVIDIA's own terms", "Comes with torch's build for GPUs alone; the build for processors has none of it."
)


@dataclass(frozen=True, slots=True)
class Row:
    """One package and what was found."""

    name: str
    version: str
    license: str
    """Empty where the package says nothing."""

    @property
    def known(self) -> Known | None:
        """What a person found, if one looked."""
        return NVIDIA if self.name.startswith(("nvidia-", "cuda-")) else KNOWN.get(self.name)

    @property
    def trouble(self) -> str:
        """Why somebody must look at it; empty where nobody need."""
        known = self.known
        if known is NVIDIA:
            return ""
        if known is not None:
            right = (not self.license) if known.silent else self.license == known.license
            return "" if right else f"was known as {known.license}"
        if not self.license:
            return "says nothing of its license"
        if permissive(self.license):
            return ""
        return "copyleft, and not on the list" if COPYLEFT.search(self.license) else "unknown, and not on the list"


def permissive(expression: str) -> bool:
    """Whether an SPDX expression asks for nothing but its notices: of ``OR`` one part, of ``AND`` all."""
    plain = re.sub(r"\s+WITH\s+\S+", "", expression).replace("(", " ").replace(")", " ")
    return any(all(part.strip() in PERMISSIVE for part in either.split(" AND ")) for either in plain.split(" OR "))


def license_of(fields: Mapping[str, str], classifiers: Iterable[str]) -> str:
    """The license that these fields of a package's metadata name; empty where they name none."""
    if expression := fields.get("License-Expression"):
        return expression
    short = fields.get("License", "").strip()
    if short and len(short) < 60 and "\n" not in short and short.upper() != "UNKNOWN":
        return SAID.get(short.lower(), short)
    named = [entry.rpartition(" :: ")[2] for entry in classifiers if entry.startswith("License :: OSI Approved :: ")]
    return " AND ".join(SAID.get(name.lower(), name) for name in named)


def closure(requirements: Iterable[str]) -> Iterator[metadata.Distribution]:
    """Every installed package that these requirements bring, in no order."""
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
    """Whether this environment has it; what an extra asks for belongs to that extra alone."""
    if need.marker is None:
        return not extra
    return need.marker.evaluate({"extra": extra}) and (not extra or not need.marker.evaluate({"extra": ""}))


def rows(requirements: Iterable[str]) -> list[Row]:
    """What stands behind these requirements, by name."""
    found = {}
    for package in closure(requirements):
        fields, name = package.metadata, canonicalize_name(package.metadata["Name"])
        given = {key: fields[key] for key in ("License-Expression", "License") if key in fields}
        found[name] = Row(name, package.version, license_of(given, fields.get_all("Classifier") or []))
    return [found[name] for name in sorted(found)]


def told(found: Iterable[Row]) -> tuple[str, bool]:
    """The list as text, and whether all of it is in order."""
    lines, fine = [], True
    for row in found:
        known = row.known
        said = row.license or (known.license if known else "?")
        note = f"PROBLEM: {row.trouble}" if row.trouble else known.reason if known else ""
        lines.append(f"{row.name:28} {row.version:18} {said:34} {note}".rstrip())
        fine = fine and not row.trouble
    return "\n".join(lines) + "\n", fine


def main() -> int:
    """Print the list; 1 where somebody must look at something."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text, fine = told(rows(project["dependencies"]))
    sys.stdout.write(text)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
