"""Django configuration of the terminal."""

from django.apps import AppConfig


class TerminalConfig(AppConfig):
    """The terminal: the page, its websocket, and the speech queue of each tab."""

    name = "terminal"
