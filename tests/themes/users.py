"""The users alice, bob and charlie, each with a browser, and presets to select."""

import uuid
from typing import Any

from themes.models import Preset
from themes.owners.identity import Identity
from themes.schema import ThemeData, parse_theme
from themes.store import services
from themes.store.queries import shipped_defaults

ALICE, BOB, CHARLIE = (Identity(uuid.uuid5(uuid.NAMESPACE_URL, name)) for name in ("alice", "bob", "charlie"))


def plain(name: str = "Plain", **changes: Any) -> ThemeData:
    """Return the dark default theme with the given colors."""
    shipped = shipped_defaults()[0].to_dict()
    shipped["colors"].update(changes)
    return parse_theme({**shipped, "name": name})


def publish(preset_id: str, theme: ThemeData | None = None, **fields: Any) -> Preset:
    """Create a published preset."""
    content = (theme or plain(preset_id.title())).to_dict()
    preset = Preset(id=preset_id, published=True, **content)
    for name, value in fields.items():
        setattr(preset, name, value)
    services.save_preset(preset)
    return preset
