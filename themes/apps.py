"""The room of colors and typography."""

from django.apps import AppConfig


class ThemesConfig(AppConfig):
    """Themes: what can be colored, and with what."""

    name = "themes"

    def ready(self) -> None:
        """Listen for sign-in and sign-out."""
        from themes import receivers  # noqa: F401 - registers what it defines
