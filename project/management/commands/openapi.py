"""``manage.py openapi``: write the OpenAPI document of the HTTP API."""

import json
from typing import Any

from django.core.management.base import BaseCommand

from project.openapi import document


class Command(BaseCommand):
    """Writes the document to the standard output; ``docs/openapi.json`` is a copy."""

    help = "Write the OpenAPI 3.1 document of the HTTP API (docs/openapi.json) to the standard output."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the document."""
        self.stdout.write(json.dumps(document(), indent=2))
