"""Configures Speech Dispatcher, through which spd-say, Orca and other programs of the desktop speak.

Its generic module (``sd_generic``) runs a command for each text. Format of the files: the comments in
``/etc/speech-dispatcher/speechd.conf`` and in the modules' files.
"""

import shlex
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from alphanumeric_client.errors import ClientError, Exit

NAME = "alphanumeric"
SYSTEM = Path("/etc/speech-dispatcher/speechd.conf")
MODULES = ("/usr/lib/speech-dispatcher-modules", "/usr/libexec/speech-dispatcher-modules")
SYMBOLIC = ("MALE1", "FEMALE1", "MALE2", "FEMALE2", "MALE3", "FEMALE3", "CHILD_MALE", "CHILD_FEMALE")
"""Speech Dispatcher's names for the voices of one language; the server does not know their gender."""
UNQUOTABLE = set("\"'\\\n$`")


def rate_to_speed(rate: float) -> float:
    """Return the speed for a rate of Speech Dispatcher, from -100 (a third) over 0 to 100 (three times as fast)."""
    return float(round(3 ** (max(-100.0, min(rate, 100.0)) / 100), 2))


def write(folder: Path, command: str, voices: Iterable[Mapping[str, object]], system: Path = SYSTEM) -> list[Path]:
    """Write the module's file, and load the module in ``speechd.conf``; return both. Raises ``ClientError``.

    ``folder`` is ``~/.config/speech-dispatcher``. An existing ``speechd.conf`` is kept: only missing lines are added.
    """
    # Speech Dispatcher would take a relative path from a folder of its own, and start without a module.
    folder = folder.absolute()
    module, main = folder / "modules" / f"{NAME}.conf", folder / "speechd.conf"
    try:
        module.parent.mkdir(parents=True, exist_ok=True)
        module.write_text("".join(_module(command, voices)), encoding="utf-8")
        source = main if main.exists() else system
        before = source.read_text(encoding="utf-8") if source.exists() else ""
        main.write_text(before + "".join(_missing(before, module)), encoding="utf-8")
    except OSError as error:
        raise ClientError(Exit.FAILED, f"{error.filename} cannot be written: {error.strerror}.") from None
    return [module, main]


def _module(command: str, voices: Iterable[Mapping[str, object]]) -> Iterator[str]:
    if UNQUOTABLE & set(command):
        raise ClientError(Exit.CONFIGURATION, f"The path {command} has characters that Speech Dispatcher cannot quote.")
    run = f"{shlex.quote(command)} say -q --play --wait 1 --rate=$RATE --voice=$VOICE"
    yield "# Written by: alphanumeric speech-dispatcher\n"
    # Speech Dispatcher escapes single quotes in the text.
    yield f"GenericExecuteSynth \"printf %s \\'$DATA\\' | {run.replace(chr(39), chr(92) + chr(39))}\"\n"
    yield f'GenericCmdDependency "{command}"\n'
    yield "GenericRateAdd 0\nGenericRateMultiply 100\nGenericRateForceInteger 1\n"
    default = ""
    by_language: dict[str, list[str]] = defaultdict(list)
    for voice in voices:
        name, language = str(voice["id"]), str(voice["language"])
        if not (UNQUOTABLE | {" "}) & set(name + language):
            default = default or name
            for spelling in dict.fromkeys((language.partition("-")[0], language)):
                by_language[spelling].append(name)
    for language, names in by_language.items():
        yield f'GenericLanguage "{language}" "{language}" "utf-8"\n'
        for symbol, name in zip(SYMBOLIC, names, strict=False):
            yield f'AddVoice "{language}" "{symbol}" "{name}"\n'
    yield f'DefaultVoice "{default}"\n'


def _missing(before: str, module: Path) -> Iterator[str]:
    lines = [line.strip() for line in before.splitlines()]
    if before and not before.endswith("\n"):
        yield "\n"
    loaded = [line.split()[1].strip('"') for line in lines if line.startswith("AddModule") and len(line.split()) > 1]
    if NAME in loaded:
        return
    if not loaded:
        # Without any AddModule, Speech Dispatcher loads what is installed; with one, only what is listed.
        for binary in sorted(path for folder in MODULES for path in Path(folder).glob("sd_*")):
            other = binary.name.removeprefix("sd_")
            if other not in ("generic", "dummy"):
                yield f'AddModule "{other}" "{binary.name}" "{other}.conf"\n'
    yield f'AddModule "{NAME}" "sd_generic" "{module}"\n'
    if not any(line.startswith("DefaultModule") for line in lines):
        yield f"DefaultModule {NAME}\n"
