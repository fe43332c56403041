"""The database's failures, which end no connection and hold up no speech."""

from tests.mutation.mutation import mutation

STORAGE = "tests/terminal/test_storage.py"

MUTATIONS = [
    mutation(
        "Work that waits for the database is bounded in number.",
        "core/database.py",
        {"self._places.acquire(blocking=False)": "(self._places.acquire(timeout=0.1) or True)"},
        f"{STORAGE}::test_only_so_much_waits_for_the_database",
    ),
    mutation(
        "Work that waits for the database is bounded in time.",
        "core/database.py",
        {"if self._clock() > latest:": "if False:"},
        f"{STORAGE}::test_work_that_waited_too_long_for_a_thread_is_refused",
    ),
    mutation(
        "A tab has only so much work waiting for the database.",
        "terminal/socket/work_queue.py",
        {"if len(self._waiting) >= WAITING:": "if False:"},
        f"{STORAGE}::test_a_tab_has_only_so_much_work_waiting",
    ),
    mutation(
        "A database that cannot be used is an error with a code, not the end of the socket.",
        "core/database.py",
        {"raise StorageUnavailableError from error": "raise"},
        f"{STORAGE}::test_what_cannot_be_saved_is_refused_and_the_socket_speaks",
    ),
    mutation(
        "Over HTTP it is 503 with Retry-After.",
        "project/storage_errors.py",
        {"if not isinstance(error, UNAVAILABLE):": "if True:"},
        f"{STORAGE}::test_a_page_that_cannot_save_says_when_to_try_again",
    ),
    mutation(
        "Limits and voices are served from memory while the database does not answer.",
        "core/cached.py",
        {"await asyncio.wait({refresh}, timeout=GRACE_S)": "await asyncio.shield(refresh)"},
        f"{STORAGE}::test_a_cached_value_outlives_a_storage_that_fails",
    ),
]
"""Every control of this kind; each is claimed in SECURITY.md among the resources."""
