"""Bounds how many documents are in progress: of each user, and of all users together."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from documents.errors import DocumentError

RETRY_S = 5


class Places:
    """Counts what is in progress in this process; further requests are rejected."""

    def __init__(self, per_user: int, total: int) -> None:
        self._per_user = per_user
        self._total = total
        self._of_user: Counter[str] = Counter()

    @contextmanager
    def of(self, user: str) -> Iterator[None]:
        """Hold a place. Raises ``DocumentError``: ``limit_documents`` or ``busy``."""
        if self._of_user[user] >= self._per_user:
            raise DocumentError(
                "limit_documents", f"{self._per_user} of your files are being read. Try again when one is open.",
                limit=self._per_user, retry_after=RETRY_S,
            )  # fmt: skip
        if self._of_user.total() >= self._total:
            raise busy()
        self._of_user[user] += 1
        try:
            yield
        finally:
            self._of_user[user] -= 1
            if not self._of_user[user]:
                del self._of_user[user]


def busy() -> DocumentError:
    """Return the error for a server without a place."""
    message = f"The server is reading as many files as it can. Try again in {RETRY_S} s."
    return DocumentError("busy", message, retry_after=RETRY_S)
