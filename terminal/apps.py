"""The room of the page and its socket."""

from django.apps import AppConfig


class TerminalConfig(AppConfig):
    """The terminal: the page, its socket, and the queue of each tab."""

    name = "terminal"
