"""The room of colours and typography."""

from django.apps import AppConfig


class ThemesConfig(AppConfig):
    """Themes: what can be coloured, and with what."""

    name = "themes"
