"""Bounds on memory and disk space."""

from tests.mutation.mutation import mutation

ABUSE = "tests/terminal/test_abuse.py::TestMemory"
CACHE = "tests/synthesis/pipeline/test_segment_cache.py"
CATALOG = "tests/synthesis/test_catalog.py"
DISK = "tests/core/test_disk_quota.py"
VOICES = "tests/terminal/test_voice_chooser.py"
SERVICES = "tests/themes/test_services.py"

MUTATIONS = [
    mutation(
        "At 80 % of the memory limit, caches are evicted.",
        "core/process/memory_guard.py",
        {"self._evict()": "pass"},
        f"{ABUSE}::test_evicted_memory_is_measured_at_once",
    ),
    mutation(
        "Eviction unloads all voices except the most recently used.",
        "synthesis/runtime.py",
        {"self.voices.evict_idle()": "pass"},
        f"{ABUSE}::test_memory_pressure_evicts_voices",
    ),
    mutation(
        "At 90 % of the memory limit, new utterances are rejected.",
        "core/process/memory_guard.py",
        {"self.pressure >= MemoryPressure.REJECTING or bool(": "bool("},
        f"{ABUSE}::test_new_work_is_rejected_with_retry_after",
    ),
    mutation(
        "At 90 % of the memory limit, new clients are rejected, over the socket and HTTP.",
        "synthesis/runtime.py",
        {"memory_check=self._check_memory,": ""},
        f"{ABUSE}::test_memory_pressure_rejects_speech_and_new_sockets",
    ),
    mutation(
        "Users with a smaller memory limit are rejected first.",
        "core/process/memory_guard.py",
        {"self._seen >= own_limit * PRESSURE_THRESHOLDS[MemoryPressure.REJECTING]": "False"},
        f"{ABUSE}::test_a_user_memory_limit_applies_to_that_user_only",
        f"{ABUSE}::test_a_user_with_a_smaller_memory_limit_is_rejected_first",
    ),
    *(
        mutation(
            f"Cached segments are bounded: {what}.",
            "synthesis/pipeline/segment_cache.py",
            {piece: instead},
            f"{CACHE}::TestSegmentCache",
        )
        for what, piece, instead in (
            ("bytes", "while self._size > self._limit:", "while False:"),
            ("entries per owner", "while self._entries_per_owner[owner] > max_entries:", "while False:"),
            ("only repeated segments", "or self._is_new(owner, key)", "or False"),
            ("keys seen once", "if len(self._seen_once) > _MAX_SEEN_KEYS:", "if False:"),
        )
    ),
    mutation(
        "The segment cache is separate for each owner (timing attack).",
        "synthesis/pipeline/segment_cache.py",
        {
            "segment = self._entries.get((owner, key))": (
                "segment = next((kept for place, kept in self._entries.items() if place[1] == key), None)"
            )
        },
        f"{CACHE}::TestSegmentCache::test_each_owner_has_a_separate_cache",
    ),
    mutation(
        "Cached segments are evicted first.",
        "synthesis/runtime.py",
        {"self.segment_cache.clear()": "pass"},
        f"{CACHE}::TestPipeline::test_the_segment_cache_is_evicted_before_voices",
    ),
    mutation(
        "At 96 % of the memory limit, the process reports that it is not ready.",
        "synthesis/runtime.py",
        {"if self.memory_guard.pressure >= MemoryPressure.NOT_READY:": "if False:"},
        f"{ABUSE}::test_memory_pressure_fails_the_readiness_probe",
    ),
    mutation(
        "The memory thresholds have the documented values.",
        "core/process/memory_guard.py",
        {"MemoryPressure.REJECTING: 0.90": "MemoryPressure.REJECTING: 0.95"},
        f"{ABUSE}::test_memory_pressure_levels",
    ),
    mutation(
        "The number of loaded voices is bounded.",
        "synthesis/pool/voice_cache.py",
        {"while len(self._loads) > self._max_loaded:": "while False:"},
        f"{CATALOG}::test_the_least_recently_used_voice_is_evicted",
    ),
    mutation(
        "The size of DATA_DIR is limited.",
        "core/limits/disk_quota.py",
        {"self._size < self._limit and ": ""},
        f"{DISK}::test_a_full_directory_rejects_writes_until_space_is_freed",
    ),
    mutation(
        "A minimum of free disk space is reserved.",
        "core/limits/disk_quota.py",
        {"self._size < self._limit and self._free >= MIN_FREE_BYTES": "self._size < self._limit"},
        f"{DISK}::test_free_disk_space_is_reserved",
    ),
    mutation(
        "A theme is rejected when the disk quota is exhausted.",
        "themes/store/services.py",
        {"if not data_dir_quota().has_space():": "if False:"},
        f"{DISK}::test_nothing_new_is_stored_beyond_the_limit_of_the_data_directory",
    ),
    mutation(
        "A voice is not installed when the disk quota is exhausted.",
        "synthesis/voices/installer.py",
        {"        if full:\n            raise VoiceError": "        if False:\n            raise VoiceError"},
        f"{DISK}::test_nothing_new_is_stored_beyond_the_limit_of_the_data_directory",
    ),
    mutation(
        "The number of themes per owner is limited.",
        "themes/store/services.py",
        {"if themes >= MAX_THEMES_PER_OWNER:": "if False:"},
        f"{SERVICES}::test_the_theme_limit",
    ),
    mutation(
        "Restoring a deleted theme respects the limit of themes per owner.",
        "themes/store/services.py",
        {"_check_theme_limit(Theme.objects.filter(owner=owner, deleted_at=None).count())": "pass"},
        f"{SERVICES}::test_restore_respects_the_theme_limit",
    ),
    mutation(
        "Inactive visitors are deleted.",
        "themes/store/services.py",
        {"gone, _ = visitors.filter(last_seen__lt=(now - VISITOR_RETENTION).date()).delete()": "gone = 0"},
        f"{SERVICES}::test_purge_deletes_inactive_visitors",
    ),
    mutation(
        "The favorite and default voices of a user are limited.",
        "terminal/voices/choices.py",
        {"    if count > most:": "    if False:"},
        f"{VOICES}::test_wrong_choices_are_refused",
    ),
    mutation(
        "The voices that visitors chose expire.",
        "terminal/voices/choices.py",
        {"last_used__lt=(timezone.now() - VISITOR_RETENTION).date()": "pk=None"},
        f"{VOICES}::test_choices_of_inactive_visitors_expire",
    ),
    mutation(
        "Other sites cannot change the voices that a user chose (CSRF).",
        "terminal/page_api.py",
        {"        @same_site_only\n": ""},
        f"{VOICES}::test_wrong_choices_are_refused",
    ),
    mutation(
        "The kernel limits the address space of the server.",
        "core/process/address_space.py",
        {"        resource.setrlimit(resource.RLIMIT_AS, (lowest, hard))\n": ""},
        "tests/core/test_address_space.py::test_the_kernel_refuses_memory_beyond_the_limit",
    ),
]
