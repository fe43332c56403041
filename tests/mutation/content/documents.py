"""Controls of documents."""

from tests.mutation.mutation import mutation

HOSTILE = "tests/documents/test_hostile_files.py"
TYPES = "tests/documents/test_extraction.py"
VIEWS = "tests/documents/test_views.py"
ARCHIVE = "documents/extraction/archive.py"
SANDBOX = "documents/sandbox.py"
WORKER = "documents/extraction/worker.py"
CONFINED = f"{HOSTILE}::test_the_process_can_neither_connect_nor_write_nor_start_another"

MUTATIONS = [
    mutation(
        "The process that reads a file cannot connect, write or start programs.",
        WORKER,
        {"    sys.addaudithook(_audit)\n": ""},
        CONFINED,
    ),
    mutation(
        "The process that reads a file has a limit of memory.",
        WORKER,
        {"        (resource.RLIMIT_AS, MEMORY_BYTES),\n": ""},
        CONFINED,
    ),
    mutation(
        "The process that reads a file can write no file.",
        WORKER,
        {"        (resource.RLIMIT_FSIZE, 0),\n": ""},
        f"{HOSTILE}::test_the_kernel_limits_the_process_even_without_the_hook",
    ),
    mutation(
        "The process that reads a file has a time limit.",
        SANDBOX,
        {"asyncio.timeout(self._timeout_s)": "asyncio.timeout(None)"},
        f"{HOSTILE}::test_a_process_that_does_not_end_is_killed",
    ),
    mutation(
        "The process that reads a file is killed when the browser disconnects.",
        SANDBOX,
        {"                    process.kill()\n": "                    pass\n"},
        f"{HOSTILE}::test_a_cancelled_extraction_kills_its_process",
    ),
    mutation(
        "The output of the process that reads a file is bounded.",
        SANDBOX,
        {"if len(received) > MAX_OUTPUT_BYTES:": "if False:"},
        f"{HOSTILE}::test_too_much_output_is_refused",
    ),
    mutation(
        "Files of one user, and of all users, that are read at a time are limited.",
        "documents/places.py",
        {
            "if self._of_user[user] >= self._per_user:": "if False:",
            "if self._of_user.total() >= self._total:": "if False:",
        },
        f"{HOSTILE}::test_users_and_the_server_have_a_limited_number_of_files_in_progress",
    ),
    mutation(
        "Paths outside of an archive are refused (path traversal).",
        ARCHIVE,
        {'return plain.startswith("/") or': "return False and"},
        f"{HOSTILE}::test_paths_outside_of_an_archive_are_refused",
    ),
    mutation(
        "The entries and the decompressed bytes of an archive are limited (decompression bomb).",
        ARCHIVE,
        {"if len(entries) > MAX_ENTRIES:": "if False:", "if self._left < 0:": "if False:"},
        f"{HOSTILE}::test_archives_are_limited_in_entries_bytes_and_depth",
    ),
    mutation(
        "Declarations of entities are refused (entity expansion, external entities).",
        "documents/extraction/xml_reader.py",
        {"    parser.EntityDeclHandler = _refuse\n": ""},
        f"{HOSTILE}::test_entities_are_not_expanded",
    ),
    mutation(
        "Scripts are not read.",
        "documents/extraction/html_reader.py",
        {"            tag in _SKIPPED\n            or": "            False\n            or"},
        f"{HOSTILE}::test_scripts_and_remote_content_are_ignored",
    ),
    mutation(
        "The content of a file decides its type.",
        "documents/extraction/extract.py",
        {'raise DocumentError("document_type_mismatch", message)': "pass"},
        f"{TYPES}::test_a_file_that_is_named_like_another_type_is_refused_by_its_content",
    ),
    mutation(
        "The process that reads a file has a lower priority than speech.",
        WORKER,
        {"    os.nice(NICENESS)\n": ""},
        f"{HOSTILE}::test_the_process_yields_to_those_that_speak",
    ),
    mutation(
        "The type of a file is found in linear time.",
        "documents/extraction/extract.py",
        {r"(?>(?:<!--(?>.{0,2000}?-->)\s*)*)": r"(?:<!--.{0,2000}?-->\s*)*"},
        f"{HOSTILE}::test_texts_are_read_in_linear_time",
    ),
    mutation(
        "A file that is too large is refused before it is read.",
        "documents/views.py",
        {"if max(stated, len(data)) > most:": "if False:"},
        f"{VIEWS}::test_a_file_that_is_too_large_is_refused_before_it_is_read",
    ),
    mutation(
        "Files are counted per account or address.",
        "documents/views.py",
        {"    if not status.allowed:": "    if False:"},
        f"{VIEWS}::test_the_files_of_a_minute_are_limited",
    ),
    mutation(
        "Other sites cannot send files or positions.",
        "documents/views.py",
        {
            "@same_site_only\n@require_POST\nasync def extract": "@require_POST\nasync def extract",
            "@same_site_only\n@require_POST\nasync def position": "@require_POST\nasync def position",
        },
        f"{VIEWS}::test_other_sites_cannot_send_files_or_positions",
    ),
    mutation(
        "A position is stored with a keyed hash of the text's digest.",
        "documents/positions.py",
        {'salted_hmac("documents.position", f"{who.owner_key}:{digest}", algorithm="sha256").hexdigest()': "digest"},
        f"{VIEWS}::test_a_position_is_returned_with_the_file",
    ),
]
