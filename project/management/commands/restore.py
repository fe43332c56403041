"""``manage.py restore BACKUP``: restore a backup into DATA_DIR while no server runs."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.migrations.loader import MigrationLoader

from project.backups import restoration
from project.backups.lock import unused
from project.backups.manifest import BackupError


class Command(BaseCommand):
    """Checks a backup and restores it."""

    help = "Restore the backup in the folder BACKUP into DATA_DIR. Stop the server first."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("backup", type=Path, help="the folder that manage.py backup printed")
        parser.add_argument(
            "--overwrite", action="store_true", help="replace existing data; it is moved to a folder in DATA_DIR"
        )
        parser.add_argument("--check", action="store_true", help="check the backup, and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, then restore."""
        known = {".".join(key) for key in MigrationLoader(None, ignore_no_migrations=True).disk_migrations}
        try:
            manifest = restoration.check(options["backup"], known)
            if options["check"]:
                self.stdout.write(f"The backup of {manifest.created} (version {manifest.version}) is complete.")
                return
            with unused(settings.DATA_DIR):
                replaced = restoration.restore(
                    options["backup"],
                    manifest,
                    data_dir=settings.DATA_DIR,
                    database=settings.DATABASE_URL or Path(str(settings.DATABASES["default"]["NAME"])),
                    overwrite=options["overwrite"],
                )
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Restored the backup of {manifest.created}. Start the server: it updates older data.")
        if not manifest.includes_key:
            self.stdout.write(
                "The backup has no signing key: unless DATA_DIR still has the same one, users sign in again."
            )
        if replaced is not None:
            self.stdout.write(f"The previous data is in {replaced}. Delete it when you no longer need it.")
