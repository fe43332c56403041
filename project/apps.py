"""The project itself, as far as Django asks it something."""

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """Registers the checks of the settings."""

    name = "project"

    def ready(self) -> None:
        """Have the settings checked before anything is served."""
        from project import checks  # noqa: F401 - registers what it defines
