"""A tab's theme subscription: pushes changes to the tab, and executes its theme messages."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from uuid import UUID

from core import metrics
from core.errors import StorageUnavailableError
from core.limits.subjects import RateLimitSubject
from core.logs.events import log_span
from core.storage import database
from terminal.socket import protocol
from terminal.socket.error_frames import error_frame
from themes import schema
from themes.errors import ThemeError
from themes.owners import authentication, identity
from themes.owners.authentication import Credential
from themes.owners.identity import Identity
from themes.store import services
from themes.store.creation_limit import charge_theme_creation
from themes.store.notifications import PRESETS_GROUP
from themes.store.queries import Snapshot, current_revisions, list_available
from themes.store.snapshot_cache import snapshot_cache

logger = logging.getLogger(__name__)

Send = Callable[[str | bytes], Awaitable[None]]

RESYNC_INTERVAL_S = 5.0
"""Minimum seconds between two resyncs of a tab that sends pings."""
CHECKED_EVERY_S = 15.0
"""Seconds between two resyncs of a tab that sends other messages and no pings: its session may have expired."""
THEMES_PER_FRAME = 16
"""Themes in one frame of a list: about 20 KB of the allowed 64."""


class ThemeSession:
    """Sends the complete theme state whenever it has changed, and passes the tab's changes to its services."""

    def __init__(
        self,
        send: Send,
        layer: Any,
        channel: str,
        credential: Credential,
        subject: RateLimitSubject,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Create the session; ``subject`` is charged for the themes that the tab creates."""
        self._subject = subject
        self._send = send
        self._layer = layer
        self._channel = channel
        self._credential = credential
        self._sent = -1
        self._clock = clock
        self._resynced_at = float("-inf")
        self._checked = clock()

    @property
    def _who(self) -> Identity:
        return self._credential.who

    @property
    def _groups(self) -> tuple[str, str, str]:
        return self._who.owner_group, self._who.device_group, PRESETS_GROUP

    async def subscribe(self) -> dict[str, Any]:
        """Subscribe to changes. Returns the state as ``theme.changed`` fields, and records it as sent.

        Raises ``SessionEndedError`` if the session has ended since the handshake.
        """
        # Before the state is read: then no later change is missed, nor the end of the session.
        await self._join_groups()
        self._checked = self._clock()
        return self._mark_sent(await snapshot_cache.read(self._who, self._credential.check))

    async def _join_groups(self) -> None:
        snapshot_cache.add_tab(self._who, self._channel)
        for group in self._groups:
            await self._layer.group_add(group, self._channel)

    async def check(self) -> None:
        """Raise ``SessionEndedError`` if the session, or the visitor's identity, has ended."""
        self._checked = self._clock()
        await database.read(self._credential.check)

    async def unsubscribe(self) -> None:
        """Unsubscribe from changes."""
        snapshot_cache.remove_tab(self._who, self._channel)
        for group in self._groups:
            await self._layer.group_discard(group, self._channel)

    def renewal_due(self, *, asked: bool) -> bool:
        """Return whether a resync is due. ``asked``: the tab sent a ping, not another message."""
        now = self._clock()
        due = now - self._resynced_at >= RESYNC_INTERVAL_S if asked else now - self._checked >= CHECKED_EVERY_S
        if due:
            self._resynced_at = self._checked = now
        return due

    async def resync(self) -> None:
        """Renew the subscription, check the session and push missed changes.

        Channel layers expire group memberships and drop messages.

        Raises ``SessionEndedError`` or ``StorageUnavailableError``.
        """
        await self._join_groups()
        self._checked = self._clock()
        await self.push_if_newer(**await database.read(self._checked_revisions))

    def _checked_revisions(self) -> dict[str, int]:
        """Check the session and read the revisions in one call: every used socket does so every few seconds."""
        self._credential.check()
        return current_revisions(self._who)

    async def push_if_newer(self, **at_least: int) -> None:
        """Send the state with at least these revisions, unless the tab already has it."""
        state = await snapshot_cache.since(self._who, **at_least)
        if state.epoch + state.owner_revision > self._sent:
            await self._send(protocol.encode("theme.changed", **self._mark_sent(state)))

    async def handle(self, message: protocol.ThemeMessage) -> None:
        """Execute a theme message. Raises ``SessionEndedError`` or ``StorageUnavailableError``."""
        match message:
            case protocol.ThemeList():
                await self._list()
            case protocol.ThemeResume():
                await self._resume(message.device)
            case _:
                await self._change(message)

    async def _resume(self, token: str) -> None:
        """Restore the visitor of a tab token; an invalid token changes nothing."""
        known = identity.from_tab_token(token)
        if known is not None and not self._who.is_persistent:
            await self.unsubscribe()
            self._credential = await database.read(partial(authentication.of_visitor, known))
        await self._send(protocol.encode("theme.changed", **await self.subscribe()))

    async def _list(self) -> None:
        """Send all available themes."""
        await self.check()
        themes = [shown.to_dict() for shown in await database.read(partial(list_available, self._who))]
        for begin in range(0, len(themes) or 1, THEMES_PER_FRAME):
            end = begin + THEMES_PER_FRAME
            await self._send(protocol.encode("theme.listed", themes=themes[begin:end], last=end >= len(themes)))

    async def _change(self, message: protocol.ThemeChange) -> None:
        """Execute a change, and answer with its revision or an error."""
        began = self._clock()
        try:
            if isinstance(message, protocol.ThemeCreate):
                await asyncio.to_thread(charge_theme_creation, self._subject)
            revision = await database.write(partial(self._credential.do_while_valid, self._command_for(message)))
        except (ThemeError, StorageUnavailableError) as error:
            await self._send(error_frame(error, request_id=message.request_id))
        else:
            # Dragging a color sends twenty edits a second.
            level = logging.DEBUG if isinstance(message, protocol.ThemeEdit) else logging.INFO
            seconds = self._clock() - began
            log_span(logger, level, "theme", seconds, change=type(message).__name__, ms=round(seconds * 1000))
            await self._send(protocol.encode("theme.saved", request_id=message.request_id, revision=revision))
            metrics.THEME_CHANGES.observe(self._clock() - began)

    def _command_for(self, message: protocol.ThemeChange) -> Callable[[], int]:
        who = self._who
        match message:
            case protocol.ThemeSet(mode=mode, dark=dark, light=light, minimum_contrast=contrast, device_only=here):
                return partial(
                    services.set_preference,
                    who,
                    mode=mode,
                    dark=dark,
                    light=light,
                    minimum_contrast=contrast,
                    here=here,
                )
            case protocol.ThemeCreate(theme=theme, source=source, name=name, activate=show):
                whole = None if theme is None else schema.parse_theme(theme)
                return partial(services.create, who, UUID(message.id), theme=whole, source=source, name=name, show=show)
            case protocol.ThemeEdit(revision=revision):
                patch = schema.parse_patch(message.patch)
                return partial(services.edit, who, UUID(message.id), patch, revision=revision)
            case protocol.ThemeDelete():
                return partial(services.delete, who, UUID(message.id))
            case protocol.ThemeRestore():
                return partial(services.restore, who, UUID(message.id))

    def _mark_sent(self, state: Snapshot) -> dict[str, Any]:
        shown = state.on(self._who.device)
        self._sent = shown.revision
        return shown.to_dict()
