"""The cast: alice, bob and charlie, in browsers of their own; and presets to choose from."""

import uuid
from typing import Any

from themes import services
from themes.identity import Who
from themes.models import Preset
from themes.reading import shipped_defaults
from themes.validation import Document, document

ALICE, BOB, CHARLIE = (Who(uuid.uuid5(uuid.NAMESPACE_URL, name)) for name in ("alice", "bob", "charlie"))


def plain(name: str = "Plain", **changes: Any) -> Document:
    """A theme like the dark default, with other colours where named."""
    shipped = shipped_defaults()[0].public()
    shipped["colours"].update(changes)
    return document({**shipped, "name": name})


def publish(preset_id: str, theme: Document | None = None, **fields: Any) -> Preset:
    """A preset that everybody can choose."""
    content = (theme or plain(preset_id.title())).public()
    preset = Preset(id=preset_id, published=True, **content)
    for name, value in fields.items():
        setattr(preset, name, value)
    services.save_preset(preset)
    return preset
