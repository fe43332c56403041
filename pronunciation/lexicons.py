"""Gives speech synthesis the dictionaries and the reading preferences of accounts.

Dictionaries are read again and indexed only when their version has changed.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from django.conf import settings

from core.errors import StorageUnavailableError
from core.storage import database
from core.storage.cached import Cached
from pronunciation.models import Dictionary, Pronunciation, ReadingPreferences
from synthesis.gateway import AccountReading
from synthesis.text.annotation.lexicon import MAX_ENTRIES, NO_LEXICON, Lexicon

CACHE_TTL_S = 1.0
"""Seconds for which a dictionary is fresh; changes apply after that."""
MAX_CACHED_ACCOUNTS = 1000
"""Maximum accounts whose dictionaries are cached."""
MAX_CACHED_ENTRIES = 3 * MAX_ENTRIES
"""Maximum entries of all cached dictionaries; the least recently used dictionary is evicted first."""


_Own = tuple[Lexicon, Mapping[str, Any]]
"""The dictionary and the preferences of an account."""


class LexiconStore:
    """The indexed dictionaries. Entries are read and indexed in the threads of the database."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._operator = Cached(partial(self._read, None), CACHE_TTL_S, clock)
        self._accounts: OrderedDict[int, Cached[_Own]] = OrderedDict()
        self._built: OrderedDict[int | None, tuple[tuple[int, int], Lexicon]] = OrderedDict()
        self._lock = threading.Lock()

    async def read(self, account: int | None) -> AccountReading:
        """Return the dictionaries of a client, the account's before the operator's, and the account's preferences.

        While the database does not respond, they are the last ones or none, so that speech continues.
        """
        lexicons: list[Lexicon] = []
        choices: Mapping[str, Any] = {"languages": True} if settings.READ_OTHER_LANGUAGES else {}
        sources = [self._operator] if account is None else [self._for_account(account), self._operator]
        for source in sources:
            with suppress(StorageUnavailableError):
                lexicon, own = await source.get()
                choices = {**choices, **own}
                if lexicon.size:
                    lexicons.append(lexicon)
        return AccountReading(tuple(lexicons), choices)

    async def refresh(self, account: int | None) -> None:
        """Read the dictionary and the preferences of an account again, which were changed. Never raises."""
        with suppress(StorageUnavailableError):
            await (self._operator if account is None else self._for_account(account)).refresh()

    def load(self, account: int | None) -> Lexicon:
        """Return the dictionary of an account, or the operator's for ``None``. Reads the database."""
        row = Dictionary.objects.filter(user=account).values_list("pk", "version").first()
        if row is None:
            self._keep(account, None)
            return NO_LEXICON
        with self._lock:
            version, lexicon = self._built.get(account, ((0, 0), NO_LEXICON))
        if version != row:
            entries = Pronunciation.objects.filter(dictionary=row[0]).iterator()
            lexicon = Lexicon(each.entry for each in entries)
            self._keep(account, (row, lexicon))
        return lexicon

    def _keep(self, account: int | None, built: tuple[tuple[int, int], Lexicon] | None) -> None:
        with self._lock:
            self._built.pop(account, None)
            if built is not None:
                self._built[account] = built
            while len(self._built) > 1 and sum(each.size for _, each in self._built.values()) > MAX_CACHED_ENTRIES:
                evicted, _ = self._built.popitem(last=False)
                if evicted is not None:
                    self._accounts.pop(evicted, None)

    def _for_account(self, account: int) -> Cached[_Own]:
        cached = self._accounts.get(account)
        if cached is None:
            cached = self._accounts[account] = Cached(partial(self._read, account), CACHE_TTL_S, self._clock)
            while len(self._accounts) > MAX_CACHED_ACCOUNTS:
                evicted, _ = self._accounts.popitem(last=False)
                self._keep(evicted, None)
        self._accounts.move_to_end(account)
        return cached

    async def _read(self, account: int | None) -> _Own:
        return await database.read(lambda: (self.load(account), _choices(account)))


def _choices(account: int | None) -> Mapping[str, Any]:
    row = ReadingPreferences.objects.filter(user=account).first() if account is not None else None
    return row.choices if row is not None else {}
