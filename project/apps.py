"""The project itself, as far as Django asks it something."""

from django.apps import AppConfig
from django.conf import settings


class ProjectConfig(AppConfig):
    """Registers the checks of the settings."""

    name = "project"

    def ready(self) -> None:
        """Have the settings checked, and let nothing be kept uncounted, without room, or readable by other users."""
        from core.disk_quota import MIB, DiskQuota
        from project import checks, private  # noqa: F401 - checks registers what it defines
        from project.theme_creation_limit import charge_theme_creation
        from synthesis.voices import installer
        from themes import services
        from themes.views import base

        installer.has_room = services.has_room = DiskQuota(settings.DATA_DIR, settings.DISK_LIMIT_MB * MIB).has_room
        base.charge_theme_creation = charge_theme_creation
        private.close(settings.DATA_DIR)
