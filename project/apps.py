"""The project itself, as far as Django asks it something."""

from django.apps import AppConfig
from django.conf import settings


class ProjectConfig(AppConfig):
    """Registers the checks of the settings."""

    name = "project"

    def ready(self) -> None:
        """Register the checks, so that they run before anything is served, and close DATA_DIR to other users."""
        from project import checks, data_dir_permissions  # noqa: F401 - checks registers itself

        data_dir_permissions.close(settings.DATA_DIR)
