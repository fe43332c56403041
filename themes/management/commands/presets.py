"""``manage.py presets``: the shipped presets, brought into the database."""

from typing import Any

from django.core.management.base import BaseCommand

from themes import shipped_presets


class Command(BaseCommand):
    """May be run at any time, and as often as one likes."""

    help = "Create shipped presets that are missing, and renew those that nobody has edited."

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed, and tell what was done."""
        done = shipped_presets.seed()
        for what, presets in (
            ("Created", done.created),
            ("Renewed", done.updated),
            ("Left as they were edited here", done.skipped),
        ):
            if presets:
                self.stdout.write(f"{what}: {', '.join(presets)}.")
        if not done.changed:
            self.stdout.write("All shipped presets are there; nothing was changed.")
