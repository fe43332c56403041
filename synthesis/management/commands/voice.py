"""``manage.py voice search|list|add|remove|check|compile``: find and manage voices."""

import json
from argparse import ArgumentParser
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from synthesis.errors import SpeechError
from synthesis.management.download_output import ProgressLine, confirmed, description, table
from synthesis.models import Voice
from synthesis.voices.downloads.catalogs import describe_age, is_catalog_name, read_catalogs
from synthesis.voices.downloads.entries import DownloadableVoice
from synthesis.voices.downloads.fetching import complete, fetch
from synthesis.voices.downloads.origins import Origin, origin
from synthesis.voices.downloads.piper_catalog import QUALITIES
from synthesis.voices.installer import COMPILER_ERRORS, explain_failure, install, recompile, remove, voice_id
from synthesis.voices.self_test import run_self_test
from synthesis.voices.sources import Source, bundled_voice, from_file


class Command(BaseCommand):
    """Finds, installs, lists, checks, compiles and removes voices."""

    help = "Search, list, add, remove, check or compile voices."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add one subcommand per action."""
        commands = parser.add_subparsers(dest="command", required=True)
        list_parser = commands.add_parser("list", help="list installed voices")
        list_parser.add_argument("--speakers", action="store_true", help="also list the speakers of each voice")
        search = commands.add_parser("search", help="list the voices that can be downloaded")
        search.add_argument("language", nargs="?", default="", help="tag or name, such as de, en-GB or Spanish")
        search.add_argument("--quality", default="", choices=[quality.replace("_", "-") for quality in QUALITIES])
        search.add_argument("--json", action="store_true", help="print a JSON array")
        add = commands.add_parser("add", help="install a voice: joe, a name from the search, or files")
        add.add_argument("voice", help="'joe', a name that 'search' lists, or the path of a model or its folder")
        for download in (search, add):
            download.add_argument(
                "--offline", type=Path, metavar="FOLDER", help="read catalogs and voices from a folder, not the network"
            )
            download.add_argument("--refresh", action="store_true", help="download the catalogs again")
        add.add_argument("--yes", action="store_true", help="download without asking")
        add.add_argument(
            "--config",
            type=Path,
            help="configuration file (default: MODEL.onnx.json or config.json in the same directory)",
        )
        add.add_argument("--id", help="voice id for requests (default: derived from the file name)")
        add.add_argument("--name", help="display name")
        add.add_argument("--language", help="language tag, such as de or en-us (default: as the voice's files state)")
        add.add_argument("--license", help="SPDX license identifier or license text (default: from MODEL_CARD)")
        add.add_argument("--source", help="origin, such as a URL (default: from MODEL_CARD)")
        add.add_argument("--default", action="store_true", help="make it the default voice")
        add.add_argument("--replace", action="store_true", help="replace the installed voice with the same id")
        remove_parser = commands.add_parser("remove", help="delete a voice and its files")
        remove_parser.add_argument("id")
        check = commands.add_parser("check", help="synthesize a test sentence with each voice and measure it")
        check.add_argument("ids", nargs="*", metavar="id", help="(default: all)")
        compile_parser = commands.add_parser("compile", help="recompile a voice's ONNX graphs from its checkpoint")
        compile_parser.add_argument("id")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the subcommand; an error prints one sentence and exits with code 1."""
        try:
            getattr(self, "_" + options["command"])(options)
        except SpeechError as error:
            raise CommandError(_printable(error.message)) from None

    def _list(self, options: dict[str, Any]) -> None:
        voices = list(Voice.objects.all())
        if not voices:
            self.stdout.write("No voice is installed. 'manage.py voice add joe' installs the bundled voice.")
        for voice in voices:
            marks = " ".join(mark for mark, on in (("default", voice.default), ("disabled", not voice.enabled)) if on)
            speakers = f"{len(voice.speakers) or 1} speaker{'s' if len(voice.speakers) > 1 else ''}"
            facts = f"{voice.id:<24} {voice.name:<20} {voice.language:<8} {speakers:<12} {voice.sample_rate} Hz"
            self.stdout.write(f"{facts}  {voice.license}  {marks}".rstrip())
            for number, name in enumerate(voice.speakers if options["speakers"] else ()):
                self.stdout.write(f"  {number:>5}  {name}")

    def _search(self, options: dict[str, Any]) -> None:
        catalogs = read_catalogs(origin(options["offline"]), refresh=options["refresh"])
        for warning in catalogs.warnings:
            self._warn(warning)
        voices = catalogs.search(options["language"], options["quality"].replace("-", "_"))
        if options["json"]:
            ids = set(Voice.objects.values_list("id", flat=True))
            rows = [{**voice.to_dict(), "installed": voice.id in ids} for voice in voices]
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2))
            return
        for line in table(voices):
            self.stdout.write(line)
        count = f"{len(voices)} voice{'s'[: len(voices) != 1]}"
        self.stdout.write(f"{count}; the catalogs are {describe_age(catalogs.age_s)} old. Install one: voice add NAME")

    def _add(self, options: dict[str, Any]) -> None:
        name = options["voice"]
        bundled = bundled_voice(name)
        if bundled is None and is_catalog_name(name) and not Path(name).exists():
            self._add_download(name, options)
        else:
            self._add_source(bundled or from_file(Path(name), options["config"], self._warn), "", options)

    def _add_download(self, name: str, options: dict[str, Any]) -> None:
        place = origin(options["offline"])
        catalogs = read_catalogs(place, refresh=options["refresh"])
        for warning in catalogs.warnings:
            self._warn(warning)
        voice = complete(catalogs.find(name), place)
        if not options["replace"] and Voice.objects.filter(id=options["id"] or voice.id).exists():
            raise CommandError(f"The voice {options['id'] or voice.id} already exists. Use --replace or another --id.")
        for line in description(voice, place.name):
            self.stdout.write(_printable(line))
        answer = True if options["yes"] else confirmed("Download and install it?")
        if answer is None:
            raise CommandError("There is no terminal to confirm the download. Add --yes.")
        if answer:
            self._download(voice, place, options)
        else:
            self.stdout.write("Nothing was downloaded.")

    def _download(self, voice: DownloadableVoice, place: Origin, options: dict[str, Any]) -> None:
        line = ProgressLine(self.stdout)
        with ExitStack() as stack:
            try:
                source = stack.enter_context(fetch(voice, place, line, self._warn))
            except KeyboardInterrupt:
                raise CommandError("The download was stopped. The same command continues it.") from None
            finally:
                line.end()
            self._add_source(source, voice.id, options)

    def _add_source(self, source: Source, id_: str, options: dict[str, Any]) -> None:
        bundled = options["voice"] == "joe"
        given = {"name": "name", "license": "license", "origin": "source", "language": "language"}
        source = replace(source, **{field: options[name] for field, name in given.items() if options[name]})
        wanted = options["id"] or id_ or voice_id(options["voice"] if bundled else source.model.stem)
        if not wanted:
            message = f"No id can be derived from {source.model.name}. Choose one with --id: letters a to z and digits."
            raise CommandError(message)
        voice = self._installed(source, wanted, options)
        self.stdout.write(f"{voice.id} is installed{' as the default voice' if voice.default else ''}.")

    def _installed(self, source: Source, wanted: str, options: dict[str, Any]) -> Voice:
        default, again = options["default"], options["replace"]
        try:
            return install(source, wanted, default=default, replace=again, progress=self._progress, warn=self._warn)
        except (OSError, *COMPILER_ERRORS) as error:
            advice = "" if isinstance(error, OSError) else " Add --traceback for the details."
            raise CommandError(explain_failure(error) + advice) from error

    def _warn(self, sentence: str) -> None:
        self.stderr.write(f"  warning: {_printable(sentence)}")

    def _progress(self, step: str) -> None:
        self.stdout.write(f"  {step} ...")
        self.stdout.flush()

    def _remove(self, options: dict[str, Any]) -> None:
        heir = remove(options["id"])
        self.stdout.write(f"{options['id']} is removed." + (f" {heir.id} is now the default voice." if heir else ""))

    def _compile(self, options: dict[str, Any]) -> None:
        recompile(options["id"], self._progress)
        self.stdout.write(f"{options['id']} is compiled.")

    def _check(self, options: dict[str, Any]) -> None:
        voices = Voice.objects.filter(id__in=options["ids"]) if options["ids"] else Voice.objects.all()
        missing = set(options["ids"]) - {voice.id for voice in voices}
        failures = [f"The voice {name} is not installed." for name in sorted(missing)]
        for voice in voices:
            try:
                self.stdout.write(f"{voice.id}: {run_self_test(settings.VOICES_DIR / voice.id)}")
            except SpeechError as error:
                failures.append(f"{voice.id}: {error.message}")
        if failures:
            raise CommandError("\n".join(failures))


def _printable(text: str) -> str:
    """Return ``text`` without control characters: a file's name or content must not control the terminal."""
    return "".join(char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text)
