"""A tab's part in speaking the texts that programs send: takes them, and reports them as spoken or stopped."""

import time
import uuid
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any, TypeVar

from core.storage import database
from terminal.models import SentText
from terminal.say import delivery, store
from terminal.socket import protocol
from themes.owners.authentication import Credential

RENEW_S = store.LEASE.total_seconds() / 5

Send = Callable[[str | bytes], Awaitable[None]]
T = TypeVar("T")


class SaySession:
    """Serves the ``say.*`` messages of one tab. Tabs of visitors, and tabs that never subscribe, receive no texts."""

    def __init__(
        self,
        send: Send,
        layer: Any,
        channel: str,
        credential: Credential,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._send = send
        self._layer = layer
        self._channel = channel
        self._credential = credential
        self._clock = clock
        self._renewed = clock()
        self._subscribed = False
        self._shown: set[uuid.UUID] = set()
        self._may_hold = False

    @property
    def _account(self) -> int | None:
        return self._credential.who.user

    async def resync(self) -> None:
        """Renew the subscription, which channel layers expire, and the lease of the tab's texts.

        Raises ``StorageUnavailableError``.
        """
        account = self._account
        if account is None or not self._subscribed:
            return
        await self._layer.group_add(delivery.group_of(account), self._channel)
        if self._shown and self._clock() - self._renewed >= RENEW_S:
            self._renewed = self._clock()
            await database.write(partial(store.renew, self._channel))

    async def handle(self, message: protocol.SayMessage) -> None:
        """Execute a message. Raises ``SessionEndedError`` or ``StorageUnavailableError``."""
        account = self._account
        if account is None:
            return
        match message:
            case protocol.SaySubscribe(held=held):
                await self._subscribe(account, [uuid.UUID(entry) for entry in held])
            case protocol.SayUsed() if self._subscribed:
                await delivery.used(account, self._channel)
                await self.take()
            case protocol.SayDone(id=entry):
                await self._finish(account, uuid.UUID(entry), stopped=False)
            case protocol.SayStop(id=entry):
                await self._finish(account, uuid.UUID(entry), stopped=True)

    async def _subscribe(self, account: int, held: list[uuid.UUID]) -> None:
        """Take part from now on. ``held`` are the texts that the tab has from an earlier connection."""
        if not self._subscribed:
            self._subscribed = True
            delivery.open_tabs[account] += 1
            await self._layer.group_add(delivery.group_of(account), self._channel)
        self._may_hold = True
        kept = await self._write(partial(store.hold, account, self._channel, held))
        self._shown.update(kept)
        await self.removed(entry for entry in held if entry not in kept)
        await self.take()

    async def take(self, reply: str | None = None) -> None:
        """Send all texts that wait to the tab, then answer on the channel ``reply``.

        Raises ``SessionEndedError`` or ``StorageUnavailableError``.
        """
        account = self._account
        if account is None or not self._subscribed:
            return
        # A disconnect may cancel this while the database assigns texts.
        self._may_hold = True
        new = [
            row for row in await self._write(partial(store.take, account, self._channel)) if row.pk not in self._shown
        ]
        for row in new:
            self._shown.add(row.pk)
            await self._send(protocol.encode("say.created", **_fields(row)))
        self._may_hold = bool(self._shown)
        if reply is not None:
            await self._layer.send(reply, {"type": "say.taken"})

    async def removed(self, ids: Iterable[uuid.UUID]) -> None:
        """Make the tab stop texts that were deleted."""
        for entry in ids:
            self._shown.discard(entry)
            await self._send(protocol.encode("say.cancelled", id=str(entry)))

    async def _finish(self, account: int, entry: uuid.UUID, *, stopped: bool) -> None:
        removed = await self._write(partial(store.remove, account, [entry]))
        self._shown.discard(entry)
        if stopped:
            await delivery.announce_removal(account, removed)

    async def close(self) -> None:
        """Release the tab's texts, because it has disconnected. Raises ``StorageUnavailableError``."""
        account = self._account
        if account is None or not self._subscribed:
            return
        self._subscribed = False
        delivery.open_tabs[account] -= 1
        if not delivery.open_tabs[account]:
            del delivery.open_tabs[account]
        await self._layer.group_discard(delivery.group_of(account), self._channel)
        await delivery.closed(account, self._channel)
        if self._may_hold:
            await database.write_later(partial(store.release, self._channel))

    async def _write(self, work: Callable[[], T]) -> T:
        """Do ``work`` while the session is valid. Raises ``SessionEndedError`` or ``StorageUnavailableError``."""
        return await database.write(partial(self._credential.do_while_valid, work))


def _fields(row: SentText) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "sender": row.sender,
        "title": row.title or None,
        "text": row.text,
        "voice": row.voice or None,
        "speed": row.speed,
        "created": round(row.created_at.timestamp()),
    }
