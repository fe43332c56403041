"""Django configuration of the terminal."""

from django.apps import AppConfig


class TerminalConfig(AppConfig):
    """The terminal: the page, its websocket, and the speech queue of each tab."""

    name = "terminal"

    def ready(self) -> None:
        """Connect the receivers of sign-in."""
        from terminal import receivers  # noqa: F401 - registers signal receivers
