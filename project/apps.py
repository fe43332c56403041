"""Django configuration of the composition root."""

from django.apps import AppConfig
from django.conf import settings


class ProjectConfig(AppConfig):
    """Registers the system checks and corrects file permissions."""

    name = "project"

    def ready(self) -> None:
        """Register the checks, which run before the server starts, and remove other users' access to DATA_DIR."""
        from project import checks, data_dir_permissions  # noqa: F401 - checks registers itself

        data_dir_permissions.close(settings.DATA_DIR)
