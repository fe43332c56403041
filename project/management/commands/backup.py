"""``manage.py backup FOLDER``: back up the database and the voices while the server runs."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from project.backups import backup
from project.backups.manifest import BackupError


class Command(BaseCommand):
    """Makes a backup and deletes old ones."""

    help = "Back up the database and the voices to a new folder in FOLDER. The server may run meanwhile."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("folder", type=Path, help="where backups are stored, outside DATA_DIR")
        parser.add_argument(
            "--include-key",
            action="store_true",
            help="include the signing key. Anyone who has the key can create valid sessions; without it, a restore on "
            "another machine signs all users out and visitors lose their themes",
        )
        parser.add_argument("--keep", type=int, metavar="N", help="delete all but the newest N backups in FOLDER")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the backup and print its folder."""
        keep = options["keep"]
        if keep is not None and keep < 1:
            raise CommandError("--keep must be at least 1.")
        try:
            made = backup.create(
                options["folder"],
                data_dir=settings.DATA_DIR,
                database=settings.DATABASE_URL or Path(str(settings.DATABASES["default"]["NAME"])),
                include_key=options["include_key"],
            )
            deleted = backup.prune(options["folder"], keep) if keep else []
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(str(made))
        for folder in deleted:
            self.stdout.write(f"Deleted {folder}")
