"""``manage.py voice list|add|remove|check|compile``: the voices of this installation."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from synthesis.errors import SpeechError
from synthesis.models import Voice
from synthesis.voices.installer import bundled_voice, from_file, install, recompile, remove, voice_id
from synthesis.voices.self_test import run_self_test


class Command(BaseCommand):
    """Installs, lists, checks and removes voices."""

    help = "List, add, remove, check or compile voices."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One subcommand each."""
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("list", help="what is installed")
        add = commands.add_parser("add", help="install a voice: joe, a Piper .onnx, or a Coqui .pth or .safetensors")
        add.add_argument("voice", help="'joe', or the path of a model file")
        add.add_argument(
            "--config", type=Path, help="its configuration (default: MODEL.onnx.json or config.json beside it)"
        )
        add.add_argument("--id", help="what it is called in requests (default: made from the file's name)")
        add.add_argument("--name", help="what the page shows")
        add.add_argument("--license", help="SPDX identifier or a sentence")
        add.add_argument("--source", help="where it came from")
        add.add_argument("--default", action="store_true", help="let it speak where no voice is asked for")
        add.add_argument("--replace", action="store_true", help="install over a voice of the same id")
        remove_parser = commands.add_parser("remove", help="delete a voice and its files")
        remove_parser.add_argument("id")
        check = commands.add_parser("check", help="let voices speak and measure them")
        check.add_argument("ids", nargs="*", metavar="id", help="(default: all)")
        compile_parser = commands.add_parser("compile", help="make a voice's graphs anew from its checkpoint")
        compile_parser.add_argument("id")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked; what goes wrong is one sentence and exit code 1."""
        try:
            getattr(self, "_" + options["command"])(options)
        except SpeechError as error:
            raise CommandError(error.message) from None

    def _list(self, options: dict[str, Any]) -> None:
        voices = list(Voice.objects.all())
        if not voices:
            self.stdout.write("No voice is installed. 'manage.py voice add joe' installs the one that comes with it.")
        for voice in voices:
            marks = " ".join(mark for mark, on in (("default", voice.default), ("disabled", not voice.enabled)) if on)
            speakers = f"{len(voice.speakers) or 1} speaker{'s' if len(voice.speakers) > 1 else ''}"
            facts = f"{voice.id:<24} {voice.name:<20} {voice.language:<8} {speakers:<12} {voice.sample_rate} Hz"
            self.stdout.write(f"{facts}  {voice.license}  {marks}".rstrip())

    def _add(self, options: dict[str, Any]) -> None:
        source = bundled_voice(options["voice"]) or from_file(Path(options["voice"]), options["config"])
        given = {"name": options["name"], "license": options["license"], "origin": options["source"]}
        source = type(source)(
            source.model, source.config, **{key: value or getattr(source, key) for key, value in given.items()}
        )
        wanted = options["id"] or voice_id(options["voice"] if bundled_voice(options["voice"]) else source.model.stem)
        voice = install(source, wanted, default=options["default"], replace=options["replace"], progress=self._progress)
        self.stdout.write(f"{voice.id} is installed{' and speaks by default' if voice.default else ''}.")

    def _progress(self, step: str) -> None:
        self.stdout.write(f"  {step} ...")
        self.stdout.flush()

    def _remove(self, options: dict[str, Any]) -> None:
        heir = remove(options["id"])
        self.stdout.write(f"{options['id']} is removed." + (f" {heir.id} speaks by default now." if heir else ""))

    def _compile(self, options: dict[str, Any]) -> None:
        recompile(options["id"], self._progress)
        self.stdout.write(f"{options['id']} is compiled.")

    def _check(self, options: dict[str, Any]) -> None:
        voices = Voice.objects.filter(id__in=options["ids"]) if options["ids"] else Voice.objects.all()
        missing = set(options["ids"]) - {voice.id for voice in voices}
        failures = [f"There is no voice {name}." for name in sorted(missing)]
        for voice in voices:
            try:
                self.stdout.write(f"{voice.id}: {run_self_test(settings.VOICES_DIR / voice.id)}")
            except SpeechError as error:
                failures.append(f"{voice.id}: {error.message}")
        if failures:
            raise CommandError("\n".join(failures))
