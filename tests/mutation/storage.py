"""The database's failures, which end no connection and hold up no speech."""

from tests.mutation.mutation import mutation

STORAGE = "tests/terminal/test_storage.py"

MUTATIONS = [
    mutation(
        "Work that waits for the database is bounded in number.",
        "core/database.py",
        {"self._places.acquire(blocking=False)": "(self._places.acquire(timeout=0.1) or True)"},
        f"{STORAGE}::test_the_database_queue_is_bounded",
    ),
    mutation(
        "Work that waits for the database is bounded in time.",
        "core/database.py",
        {"if self._clock() > latest:": "if False:"},
        f"{STORAGE}::test_queued_database_work_times_out",
    ),
    mutation(
        "A tab has only so much work waiting for the database.",
        "terminal/socket/work_queue.py",
        {"if len(self._waiting) >= WAITING:": "if False:"},
        f"{STORAGE}::test_the_work_queue_of_a_tab_is_bounded",
    ),
    mutation(
        "A database that cannot be used is an error with a code, not the end of the socket.",
        "core/database.py",
        {"raise StorageUnavailableError from error": "raise"},
        f"{STORAGE}::test_a_failed_save_is_rejected_and_speech_continues",
    ),
    mutation(
        "Over HTTP it is 503 with Retry-After.",
        "project/storage_errors.py",
        {"if not isinstance(error, UNAVAILABLE):": "if True:"},
        f"{STORAGE}::test_a_failed_save_of_a_page_has_retry_after",
    ),
    mutation(
        "Limits and voices are served from memory while the database does not answer.",
        "core/cached.py",
        {"await asyncio.wait({refresh}, timeout=GRACE_S)": "await asyncio.shield(refresh)"},
        f"{STORAGE}::test_a_stale_value_is_served_if_the_database_fails",
    ),
]
"""Every control of this kind; each is claimed in SECURITY.md among the resources."""
