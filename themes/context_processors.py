"""Context that the theme app adds to every template."""

from collections.abc import Callable

from django.http import HttpRequest

from themes.owners import identity
from themes.store import queries


def color_scheme(request: HttpRequest) -> dict[str, Callable[[], str]]:
    """Add ``preferred_color_scheme``. Lazy, because most templates (the admin's, the terminal's) do not use it."""
    return {"preferred_color_scheme": lambda: queries.appearance(identity.from_request(request)).color_scheme}
