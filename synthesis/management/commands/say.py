"""``manage.py say "text" -o out.wav``: synthesize speech without a server, or explain how a text is read."""

import asyncio
import json
import sys
import wave
from argparse import ArgumentParser
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from synthesis import runtime
from synthesis.catalog import query_catalog
from synthesis.errors import SpeechError
from synthesis.limits.policy import DEFAULT_POLICY
from synthesis.pipeline.events import AudioChunk, AudioStart
from synthesis.pipeline.explanation import explain
from synthesis.pipeline.request import SpeechRequest, build_request
from synthesis.text.annotation.lexicon import Lexicon
from synthesis.text.annotation.reading_options import ReadingOptions
from synthesis.text.annotation.ssml import is_ssml

LANGUAGE = "en-US"
# Shell users are operators: no rate limits apply to them.
OWN = replace(DEFAULT_POLICY, max_text_length=1_000_000)


class Command(BaseCommand):
    """Synthesizes a text into a WAV file, or explains how it is read."""

    help = "Synthesize a text into a WAV file, or explain how it is read (--explain)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the text, output file, voice, speaker and speed, and the options of the explanation."""
        parser.add_argument("text", nargs="?", help="text to speak (default: standard input)")
        parser.add_argument("-o", "--output", type=Path, help="output WAV file")
        parser.add_argument("--voice", help="voice id (default: the default voice)")
        parser.add_argument("--speaker", help="speaker name, for a multi-speaker voice")
        parser.add_argument("--speed", type=float, default=1.0, help="speed from 0.25 to 4 (default: 1)")
        parser.add_argument("--user", help="account whose pronunciations apply, besides the operator's")
        parser.add_argument(
            "--explain",
            action="store_true",
            help="print how the text is read, as one JSON object; for - as the text, one object per line of standard "
            "input",
        )
        parser.add_argument(
            "--languages",
            action="store_true",
            help="sentences in other languages are spoken by installed voices of these languages",
        )
        parser.add_argument("--ssml", action="store_true", help="the text is SSML (default: if it begins with <speak>)")
        parser.add_argument(
            "--language", default=LANGUAGE, help=f"language of the explained text, such as de-DE (default: {LANGUAGE})"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the WAV file or the explanation; an error prints one sentence and exits with code 1."""
        if options["explain"]:
            self._explain(options["text"], options)
            return
        if options["output"] is None:
            raise CommandError("Name the WAV file with -o, or use --explain.")
        text = sys.stdin.read() if options["text"] is None else options["text"]
        here = runtime.get_runtime()
        try:
            seconds = asyncio.run(self._say(here, text, options))
        except (SpeechError, OSError) as error:
            raise CommandError(str(error)) from None
        finally:
            here.close()
        self.stderr.write(f"{options['output']}: {seconds:.1f} s")

    def _explain(self, text: str | None, options: dict[str, Any]) -> None:
        """Print one JSON object per text; loads no voice."""
        language, ssml = options["language"], options["ssml"]
        lexicons = _lexicons(options["user"])
        voices = query_catalog().other_languages(language) if options["languages"] else ()
        texts = (
            (line.rstrip("\r\n") for line in sys.stdin) if text == "-" else [sys.stdin.read() if text is None else text]
        )
        try:
            for each in texts:
                reading = ReadingOptions(ssml=ssml or is_ssml(each), voices=voices, lexicons=lexicons)
                self.stdout.write(json.dumps(explain(each, language, reading).to_dict(), ensure_ascii=False))
                self.stdout.flush()
        except (SpeechError, OSError) as error:
            raise CommandError(str(error)) from None

    async def _say(self, here: runtime.Runtime, text: str, options: dict[str, Any]) -> float:
        voice, speaker, speed = options["voice"], options["speaker"], options["speed"]
        catalog = await here.catalog.read()
        reading = {
            "ssml": options["ssml"] or is_ssml(text),
            "languages": options["languages"],
            "lexicons": await asyncio.to_thread(_lexicons, options["user"]),
        }
        request = build_request(catalog, text, voice=voice, speaker=speaker, speed=speed, reading=reading, policy=OWN)
        await here.synthesizer.check(request, OWN)
        with options["output"].open("wb") as file, wave.open(file) as wav:
            return await self._write(here, request, wav)

    async def _write(self, here: runtime.Runtime, request: SpeechRequest, wav: wave.Wave_write) -> float:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        async with aclosing(here.synthesizer.synthesize(request)) as events:
            async for event in events:
                match event:
                    case AudioStart():
                        wav.setframerate(event.sample_rate)
                    case AudioChunk():
                        wav.writeframes(event.pcm)
        return wav.getnframes() / wav.getframerate()


def _lexicons(user: str | None) -> tuple[Lexicon, ...]:
    """Return the pronunciation dictionaries of an account and of the operator; none before the database is made."""
    source = runtime.lexicon_source()
    try:
        accounts: list[int | None] = []
        if user is not None:
            accounts.append(User.objects.get(username=user).pk)
        return tuple(source.load(account) for account in (*accounts, None))
    except User.DoesNotExist:
        raise CommandError(f"There is no account {user}.") from None
    except DatabaseError:
        return ()
