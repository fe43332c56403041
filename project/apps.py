"""The project itself, as far as Django asks it something."""

from django.apps import AppConfig
from django.conf import settings


class ProjectConfig(AppConfig):
    """Registers the checks of the settings."""

    name = "project"

    def ready(self) -> None:
        """Register the checks, so that they run before anything is served, and close DATA_DIR to other users."""
        from project import checks, private  # noqa: F401 - checks registers what it defines

        private.close(settings.DATA_DIR)
