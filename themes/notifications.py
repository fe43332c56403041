"""Tells open tabs that something has changed, never what: they read the newest state themselves.

So a message that is lost, late or doubled leaves no tab behind, as long as one arrives after the change.
"""

from functools import partial

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from themes.identity import Identity

PRESETS_GROUP = "themes.presets"


def owner_changed(who: Identity, revision: int) -> None:
    """Once the change is kept, tell all tabs of the owner that its revision is at least this."""
    _after_commit(who.owner_group, {"type": "theme.owner", "revision": revision})


def presets_changed(epoch: int) -> None:
    """Once the change is kept, tell all tabs that presets are at least at this epoch."""
    _after_commit(PRESETS_GROUP, {"type": "theme.presets", "epoch": epoch})


def session_changed(group: str) -> None:
    """Tell the tabs of a browser, or of an owner, that somebody else is meant there from now on."""
    _after_commit(group, {"type": "session.changed"})


def session_check(who: Identity) -> None:
    """Tell all tabs of the owner that one of its sessions has ended: each checks whether it is its own."""
    _after_commit(who.owner_group, {"type": "session.check"})


def _after_commit(group: str, message: dict[str, object]) -> None:
    transaction.on_commit(partial(_send, group, message))


def _send(group: str, message: dict[str, object]) -> None:
    layer = get_channel_layer()
    if layer is not None:
        async_to_sync(layer.group_send)(group, message)
