"""``manage.py presets``: creates and updates the shipped presets in the database."""

from typing import Any

from django.core.management.base import BaseCommand

from themes import shipped_presets


class Command(BaseCommand):
    """Seeds the shipped presets. Idempotent."""

    help = "Create missing shipped presets, and update those that no operator has edited."

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed, and print which presets were created, updated or skipped."""
        done = shipped_presets.seed()
        for what, presets in (
            ("Created", done.created),
            ("Updated", done.updated),
            ("Skipped, because they were edited", done.skipped),
        ):
            if presets:
                self.stdout.write(f"{what}: {', '.join(presets)}.")
        if not done.changed:
            self.stdout.write("All shipped presets are up to date; nothing was changed.")
