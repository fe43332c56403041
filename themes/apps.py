"""Themes: colors and typography."""

from django.apps import AppConfig


class ThemesConfig(AppConfig):
    """Configures the themes app."""

    name = "themes"

    def ready(self) -> None:
        """Connect the receivers of sign-in and sign-out."""
        from themes import receivers  # noqa: F401 - registers signal receivers
