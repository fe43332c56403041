"""Controls for database failures: they close no connection and do not delay speech."""

from tests.mutation.mutation import mutation

STORAGE = "tests/terminal/test_storage.py"

MUTATIONS = [
    mutation(
        "The queue of database operations is bounded.",
        "core/storage/database.py",
        {"self._places.acquire(blocking=False)": "(self._places.acquire(timeout=0.1) or True)"},
        f"{STORAGE}::test_the_database_queue_is_bounded",
    ),
    mutation(
        "Database operations have a timeout.",
        "core/storage/database.py",
        {"if self._clock() > latest:": "if False:"},
        f"{STORAGE}::test_queued_database_work_times_out",
    ),
    mutation(
        "The queue of database operations of a tab is bounded.",
        "terminal/socket/work_queue.py",
        {"if len(self._waiting) >= WAITING:": "if False:"},
        f"{STORAGE}::test_the_work_queue_of_a_tab_is_bounded",
    ),
    mutation(
        "An unavailable database is reported with an error code and does not close the socket.",
        "core/storage/database.py",
        {"raise StorageUnavailableError from error": "raise"},
        f"{STORAGE}::test_a_failed_save_is_rejected_and_speech_continues",
    ),
    mutation(
        "Over HTTP, an unavailable database is reported as 503 with Retry-After.",
        "project/storage_errors.py",
        {"if not isinstance(error, UNAVAILABLE):": "if True:"},
        f"{STORAGE}::test_a_failed_save_of_a_page_has_retry_after",
    ),
    mutation(
        "Limits and voices are served from memory while the database is unavailable.",
        "core/storage/cached.py",
        {"await asyncio.wait({refresh}, timeout=GRACE_S)": "await asyncio.shield(refresh)"},
        f"{STORAGE}::test_a_stale_value_is_served_if_the_database_fails",
    ),
    mutation(
        "The error of an invalid DATABASE_URL omits its password.",
        "project/configuration/database.py",
        {'f"its address, port or query is malformed. {_EXAMPLE}."': 'f"{text} is malformed."'},
        "tests/project/configuration/test_database.py::test_an_invalid_url_is_named_without_its_password",
    ),
]
"""Every control of this kind; each is claimed in SECURITY.md among the resources."""
