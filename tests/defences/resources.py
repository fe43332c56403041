"""Memory and disk."""

from tests.defences.defence import defence

ABUSE = "tests/terminal/test_abuse.py::TestMemory"
CACHE = "tests/synthesis/test_cache.py"
CATALOGUE = "tests/synthesis/test_catalogue.py"
DISK = "tests/project/test_disk.py"
SERVICES = "tests/themes/test_services.py"

DEFENCES = [
    defence(
        "At 80 % of the memory what can be had again is let go of.",
        "synthesis/guard.py",
        {"self._shed()": "pass"},
        f"{ABUSE}::test_what_is_shed_counts_at_once",
    ),
    defence(
        "That is all voices but the one used last.",
        "synthesis/runtime.py",
        {"self.voices.shed()": "pass"},
        f"{ABUSE}::test_a_process_that_is_full_lets_go_of_voices",
    ),
    defence(
        "At 90 % new work is refused.",
        "synthesis/guard.py",
        {"if self.level >= Level.REFUSING or (": "if ("},
        f"{ABUSE}::test_new_work_is_refused_with_the_time_to_wait",
    ),
    defence(
        "At 90 % nobody is let in, on the socket and off it.",
        "synthesis/runtime.py",
        {"let_in=lambda policy: self.guard.check(policy.memory_mb * MIB),": ""},
        f"{ABUSE}::test_nobody_is_let_in_where_there_is_no_room",
    ),
    defence(
        "People with a smaller limit are refused before others are.",
        "synthesis/guard.py",
        {"self._seen >= own_limit * SHARES[Level.REFUSING]": "False"},
        f"{ABUSE}::test_a_smaller_limit_of_one_s_own_counts_for_oneself_alone",
        f"{ABUSE}::test_who_has_a_smaller_limit_is_refused_before_others",
    ),
    *(
        defence(
            f"Phrases that are kept have their bounds: {what}.",
            "synthesis/cache.py",
            {piece: instead},
            f"{CACHE}::TestPhrases",
        )
        for what, piece, instead in (
            ("bytes", "while self._size > self._limit:", "while False:"),
            ("the number of one person's", "while self._of[owner] > most:", "while False:"),
            ("what was made once", "or self._is_new(owner, key)", "or False"),
            ("what is remembered of it", "if len(self._once) > _REMEMBERED:", "if False:"),
        )
    ),
    defence(
        "What others have had spoken cannot be found out by the clock.",
        "synthesis/cache.py",
        {
            "phrase = self._kept.get((owner, key))": (
                "phrase = next((kept for place, kept in self._kept.items() if place[1] == key), None)"
            )
        },
        f"{CACHE}::TestPhrases::test_each_has_a_shelf_of_their_own",
    ),
    defence(
        "Phrases are the first that is let go of.",
        "synthesis/runtime.py",
        {"self.phrases.clear()": "pass"},
        f"{CACHE}::TestSpeaking::test_who_is_short_of_memory_sheds_it_first",
    ),
    defence(
        "At 96 % the process says that it is not ready.",
        "synthesis/runtime.py",
        {"if self.guard.level >= Level.NOT_READY:": "if False:"},
        f"{ABUSE}::test_a_process_that_is_full_is_not_ready",
    ),
    defence(
        "The levels are where they are said to be.",
        "synthesis/guard.py",
        {"Level.REFUSING: 0.90": "Level.REFUSING: 0.95"},
        f"{ABUSE}::test_levels",
    ),
    defence(
        "Only so many voices are in memory.",
        "synthesis/loaded.py",
        {"while len(self._loads) > self._keep:": "while False:"},
        f"{CATALOGUE}::test_the_least_recently_used_is_let_go",
    ),
    defence(
        "DATA_DIR has a limit.",
        "project/disk.py",
        {"size_of(self._folder) < self._limit and ": ""},
        f"{DISK}::test_a_full_folder_has_no_room_until_there_is_some_again",
    ),
    defence(
        "The disk is not filled.",
        "project/disk.py",
        {" and free >= LEAST_FREE": ""},
        f"{DISK}::test_the_disk_is_not_filled",
    ),
    defence(
        "Room is looked for on the way that is served.",
        "project/apps.py",
        {"install.has_room = services.has_room = Disk(": "str(install), str(services), Disk("},
        f"{DISK}::test_it_is_asked_for_everything_that_is_kept",
    ),
    defence(
        "No theme is made where there is no room.",
        "themes/services.py",
        {"if not has_room():": "if False:"},
        f"{DISK}::test_nothing_new_is_kept_where_there_is_no_room",
    ),
    defence(
        "No voice is installed where there is no room.",
        "synthesis/voices/install.py",
        {"if not has_room():": "if False:"},
        f"{DISK}::test_nothing_new_is_kept_where_there_is_no_room",
    ),
    defence(
        "An owner has so many themes and no more.",
        "themes/services.py",
        {"if themes >= OWN_THEMES:": "if False:"},
        f"{SERVICES}::test_there_is_an_end_to_how_many",
    ),
    defence(
        "Nor by way of the wastebasket.",
        "themes/services.py",
        {"_check_room(Theme.objects.filter(owner=owner, deleted=None).count())": "pass"},
        f"{SERVICES}::test_what_was_deleted_comes_back_only_where_there_is_room",
    ),
    defence(
        "Visitors that were not seen for long are forgotten.",
        "themes/services.py",
        {"gone, _ = visitors.filter(seen__lt=(now - VISITORS_KEPT).date()).delete()": "gone = 0"},
        f"{SERVICES}::test_tidying_removes_those_who_stayed_away",
    ),
]
