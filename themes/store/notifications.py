"""Notifies open tabs of changes. Messages contain no data: each tab reads the newest state itself.

So lost, delayed or duplicate messages are harmless, as long as one message arrives after the change.
"""

from functools import partial

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from themes.owners.identity import Identity

PRESETS_GROUP = "themes.presets"


def owner_changed(who: Identity, revision: int) -> None:
    """After the commit, notify all tabs of the owner that its revision is at least ``revision``."""
    _after_commit(who.owner_group, {"type": "theme.owner", "revision": revision})


def presets_changed(epoch: int) -> None:
    """After the commit, notify all tabs that the presets' epoch is at least ``epoch``."""
    _after_commit(PRESETS_GROUP, {"type": "theme.presets", "epoch": epoch})


def session_changed(group: str) -> None:
    """After the commit, notify the tabs of a browser or an owner that their identity has changed."""
    _after_commit(group, {"type": "session.changed"})


def session_check(who: Identity) -> None:
    """After the commit, notify all tabs of the owner that a session has ended: each checks whether it is its own."""
    _after_commit(who.owner_group, {"type": "session.check"})


def _after_commit(group: str, message: dict[str, object]) -> None:
    transaction.on_commit(partial(_send, group, message))


def _send(group: str, message: dict[str, object]) -> None:
    layer = get_channel_layer()
    if layer is not None:
        async_to_sync(layer.group_send)(group, message)
