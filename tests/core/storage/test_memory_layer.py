"""The channel layer of one process: expired messages are removed, at a cost that does not grow with the tabs."""

from typing import Any

from core.storage.memory_layer import CLEAN_EVERY_S, MemoryChannelLayer
from tests.clock import Clock


class _Counted(dict[str, Any]):
    """Counts the walks over its items."""

    walks = 0

    def items(self) -> Any:
        self.walks += 1
        return super().items()


async def test_messages_of_many_tabs_search_all_channels_once() -> None:
    layer, clock = MemoryChannelLayer(), Clock()
    layer.clock, layer.channels = clock, _Counted()
    for number in range(50):
        await layer.group_add(f"group{number}", f"tab{number}")
        await layer.group_send(f"group{number}", {"type": "theme.owner"})
        await layer.receive(f"tab{number}")
    assert layer.channels.walks == 1
    clock.now = CLEAN_EVERY_S
    await layer.group_send("group0", {"type": "theme.owner"})
    assert layer.channels.walks == 2


async def test_expired_messages_and_their_memberships_are_removed() -> None:
    layer, clock = MemoryChannelLayer(expiry=-1), Clock()
    layer.clock = clock
    await layer.group_send("nobody", {"type": "theme.owner"})
    await layer.group_add("group", "alice")
    await layer.group_send("group", {"type": "theme.owner"})
    assert "alice" in layer.channels
    clock.now = CLEAN_EVERY_S
    await layer.group_send("nobody", {"type": "theme.owner"})
    assert "alice" not in layer.channels
    assert "alice" not in layer.groups["group"]
