"""The project itself, as far as Django asks it something."""

from django.apps import AppConfig
from django.conf import settings


class ProjectConfig(AppConfig):
    """Registers the checks of the settings."""

    name = "project"

    def ready(self) -> None:
        """Have the settings checked, and let nothing be kept uncounted, without room, or readable by other users."""
        from project import checks, private  # noqa: F401 - checks registers what it defines
        from project.disk import MIB, Disk
        from project.keeping import count_new
        from synthesis.voices import install
        from themes import plain, services

        install.has_room = services.has_room = Disk(settings.DATA_DIR, settings.DISK_LIMIT_MB * MIB).has_room
        plain.count_new = count_new
        private.close(settings.DATA_DIR)
