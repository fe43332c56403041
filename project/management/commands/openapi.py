"""``manage.py openapi``: write the OpenAPI document of the HTTP API, or the AsyncAPI document of the websockets."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from project.api_reference import asyncapi
from project.openapi import document


class Command(BaseCommand):
    """Writes the document to the standard output; ``docs/openapi.json`` and ``docs/asyncapi.json`` are copies."""

    help = "Write the OpenAPI 3.1 document of the HTTP API (docs/openapi.json) to the standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add ``--sockets``."""
        text = "Write the AsyncAPI 3.0 document of the websockets instead (docs/asyncapi.json)."
        parser.add_argument("--sockets", action="store_true", help=text)

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the document."""
        made = asyncapi.document() if options["sockets"] else document()
        self.stdout.write(json.dumps(made, indent=2))
