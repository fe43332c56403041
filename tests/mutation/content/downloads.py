"""Controls of downloads of voices."""

from tests.mutation.mutation import mutation

TESTS = "tests/synthesis/voices/test_downloads.py"
PAGES = "tests/synthesis/voices/test_voice_pages.py"
CLIENT = "synthesis/voices/downloads/http_client.py"
ARCHIVES = "synthesis/voices/downloads/archives.py"

MUTATIONS = [
    mutation(
        "Downloads contact only the hosts of the catalogs, also after a redirect (server-side request forgery).",
        CLIENT,
        {"if not any(host == name": "if False and not any(host == name"},
        # The other test would connect to hosts outside.
        f"{TESTS}::test_a_redirect_leads_only_to_allowed_hosts",
    ),
    mutation(
        "Downloads use HTTPS, except from a mirror that is configured with http.",
        CLIENT,
        {'if parts.scheme != "https" and not (': "if False and not ("},
        f"{TESTS}::test_only_the_catalogs_hosts_are_contacted",
        f"{TESTS}::test_a_redirect_leads_only_to_allowed_hosts",
    ),
    mutation(
        "A download with another digest than the catalog's is deleted.",
        CLIENT,
        {"return hash_.hexdigest() == expected": "return True"},
        f"{TESTS}::test_another_digest_leaves_nothing",
        f"{TESTS}::test_a_folder_has_the_layout_of_a_mirror",
    ),
    mutation(
        "A download of another size than the catalog states is refused.",
        CLIENT,
        {
            "if self._size is not None and total != self._size:": "if False:",
            "if self.done + len(chunk) > limit:": "if False:",
            "if self._size is not None and self.done != self._size:": "if False:",
        },
        f"{TESTS}::test_a_size_that_the_catalog_states_wrongly_leaves_nothing",
    ),
    mutation(
        "A download that does not fit on the disk is refused before it begins.",
        CLIENT,
        {"if fault := self._space_fault(needed):": "if fault := None:"},
        f"{TESTS}::test_a_full_disk_is_noticed_before_and_while_writing",
    ),
    mutation(
        "Paths in a catalog stay below the mirror (path traversal).",
        "synthesis/voices/downloads/entries.py",
        {"if not PATH.fullmatch(self.path):": "if False:"},
        f"{TESTS}::test_a_path_in_a_catalog_stays_below_the_mirror",
    ),
    mutation(
        "Paths in an archive are not used (path traversal).",
        ARCHIVES,
        {'name = path.rpartition("/")[2]': "name = path", "or not PATH.fullmatch(name)": ""},
        f"{TESTS}::test_only_the_files_of_a_voice_leave_an_archive",
    ),
    mutation(
        "The size of an archive's content is limited before it is unpacked (decompression bomb).",
        ARCHIVES,
        {"if count >= MAX_MEMBERS or total > MAX_FILE_BYTES:": "if False:"},
        f"{TESTS}::test_a_decompression_bomb_is_refused",
    ),
    mutation(
        "Only administrators who may add voices download and install them.",
        "synthesis/voice_pages.py",
        {"if not may_install(request):": "if False:"},
        f"{PAGES}::test_only_those_who_may_add_voices_see_the_pages",
    ),
    mutation(
        "Administrators name voices of the catalogs; an address is rejected (server-side request forgery).",
        "synthesis/installer_api.py",
        {
            "voice = known_catalogs(origin()).find(name)\n    request_installation(voice.name, voice.id)": (
                "request_installation(name, name)"
            )
        },
        f"{PAGES}::test_failed_requests_of_the_page_name_the_next_step",
    ),
    mutation(
        "The queue of installations is bounded.",
        "synthesis/voices/downloads/installations.py",
        {".count() >= MAX_ACTIVE:": ".count() < 0:"},
        f"{PAGES}::test_the_queue_is_bounded",
    ),
]
