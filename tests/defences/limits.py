"""Asking for too much."""

from tests.defences.defence import defence

ADMIN = "tests/synthesis/test_limits.py::TestAdmin"
API = "tests/synthesis/test_api.py"
LIMITS = "tests/synthesis/test_limits.py"
MET = "tests/terminal/test_limits.py"
POSTS = "tests/project/test_posts.py"
POOL = "tests/synthesis/test_pool.py"
QUOTA = "tests/synthesis/test_quota.py"
SOCKET = "tests/terminal/test_socket.py"
TEXTS = "tests/synthesis/test_check_text.py"

DEFENCES = [
    defence(
        "Requests are counted.",
        "synthesis/admission.py",
        {"if not requests.granted:": "if False:"},
        f"{LIMITS}::test_a_refusal_says_which_limit_and_when_again",
        f"{MET}::test_one_text_too_many_is_refused_with_the_time_to_wait",
    ),
    defence(
        "Characters are counted.",
        "synthesis/admission.py",
        {"if not used.granted:": "if False:"},
        f"{LIMITS}::test_a_refusal_says_which_limit_and_when_again",
        f"{MET}::test_characters_are_counted_over_all_texts",
    ),
    defence(
        "Who has no request left is refused before any work.",
        "synthesis/admission.py",
        {"if requests.left == 0:": "if False:"},
        f"{MET}::test_who_has_none_left_is_refused_before_any_work",
    ),
    defence(
        "Utterances at once are counted.",
        "synthesis/admission.py",
        {'"utterances", subject.key, policy.utterances': '"utterances", subject.key, 1_000'},
        f"{LIMITS}::test_places_are_given_back_whatever_happens",
        f"{MET}::test_utterances_at_once_are_limited_over_all_tabs",
    ),
    defence(
        "Sockets are counted by owner.",
        "synthesis/admission.py",
        {'"sockets", owner, policy.sockets': '"sockets", owner, 1_000'},
        f"{LIMITS}::test_an_owner_has_so_many_tabs_wherever_they_are",
    ),
    defence(
        "Sockets are counted by address, whoever opens them.",
        "synthesis/admission.py",
        {"policy.sockets * SOCKETS_OF_ADDRESS": "1_000"},
        f"{LIMITS}::test_an_address_has_room_for_several_visitors_but_not_for_any_number",
        f"{MET}::test_one_tab_too_many_is_told_and_closed",
    ),
    defence(
        "Places are given back, so that nobody is kept out by those who left.",
        "synthesis/admission.py",
        {"self._ask(lambda: places.give_back(subject, place))": "asyncio.sleep(0)"},
        f"{LIMITS}::test_places_are_given_back_whatever_happens",
    ),
    defence(
        "New themes are counted by account or address.",
        "synthesis/admission.py",
        {"if not kept.granted:": "if False:"},
        "tests/terminal/test_look.py::test_themes_are_made_so_often_and_no_more",
    ),
    *(
        defence(
            f"So are those that are made without scripts: {what}.",
            file,
            {piece: instead},
            "tests/themes/test_pages.py::TestMaking::test_they_are_made_so_often_and_no_more",
        )
        for what, file, piece, instead in (
            ("copies", "themes/pages.py", "try:\n            plain.count_new(request)", "try:"),
            (
                "files",
                "themes/pages.py",
                '_stem(wish["file"].name))\n            plain.count_new(request)',
                '_stem(wish["file"].name))',
            ),
            ("copies of one's own", "themes/editing.py", "plain.count_new(request)", "pass"),
            ("all of them", "project/apps.py", "plain.count_new = count_new", "str(plain), str(count_new)"),
            ("together", "project/keeping.py", "if not kept.granted:", "if False:"),
        )
    ),
    *(
        defence(
            f"Forms and help with themes are limited: {what}.",
            "project/posts.py",
            {piece: instead},
            f"{POSTS}::test_one_too_many_is_refused_in_json_and_in_words",
        )
        for what, piece, instead in (
            ("at all", 'not usage["should_limit"]', "True"),
            ("under both roots", '("/themes/", "/accounts/")', '("/themes/",)'),
            ("programs are told when to go on", '"Retry-After": str(wait), ', ""),
            ("and which limit it is", '**limit_fields("posts", POSTS_A_MINUTE, 0, wait)', ""),
        )
    ),
    defence(
        "One who sends too many forms holds up nobody else.",
        "project/posts.py",
        {'return subject_of(account_of(request.user), request.META.get("REMOTE_ADDR")).key': 'return "all"'},
        f"{POSTS}::test_others_are_not_held_up",
    ),
    defence(
        "A group can name the characters that its texts may have.",
        "synthesis/normalise/check.py",
        {"    if symbols:\n": "    if False:\n"},
        f"{TEXTS}::TestSymbols::test_the_first_that_is_not_allowed_is_named_with_its_place",
    ),
    defence(
        "Of several groups the one that forbids nothing holds.",
        "synthesis/limits.py",
        {"return max(values) if all(values) else 0": "return max(values)"},
        f"{LIMITS}::test_where_one_group_forbids_nothing_nothing_is_forbidden",
    ),
    defence(
        "An account is counted as one from everywhere.",
        "synthesis/admission.py",
        {'f"account.{self.account}" if self.account is not None else f': "f"},
        f"{LIMITS}::test_an_account_is_the_same_from_everywhere",
    ),
    defence(
        "Of IPv6 a customer's whole network is counted as one.",
        "synthesis/admission.py",
        {"if address.version == 6:": "if False:"},
        f"{LIMITS}::test_addresses_are_told_apart_as_customers_are",
    ),
    defence(
        "IPv4 in IPv6's form is not counted as one network of all.",
        "synthesis/admission.py",
        {'address = getattr(address, "ipv4_mapped", None) or address': "pass"},
        f"{LIMITS}::test_addresses_are_told_apart_as_customers_are",
    ),
    defence(
        "Counters are exact, however many ask at once.",
        "synthesis/quota.py",
        {
            "used = self._cache.incr(key, amount)": (
                "used = self._cache.get(key) + amount\n            self._cache.set(key, used, timeout=2 * PERIOD_S)"
            )
        },
        f"{QUOTA}::test_exactly_as_many_as_the_limit_pass",
        f"{QUOTA}::test_two_processes_on_redis_count_as_one",
    ),
    defence(
        "A meter ends.",
        "synthesis/quota.py",
        {"if used > limit:": "if False:"},
        f"{QUOTA}::test_exactly_as_many_as_the_limit_pass",
    ),
    defence(
        "What is refused is not counted.",
        "synthesis/quota.py",
        {"used = self._cache.decr(key, amount)": "pass"},
        f"{QUOTA}::test_what_is_refused_is_not_counted",
    ),
    defence(
        "A place is held by one, over all processes.",
        "synthesis/quota.py",
        {"if self._cache.add(self._key(subject, place), self._holder, timeout=HELD_S):": "if True:"},
        f"{QUOTA}::test_processes_share_the_places",
        f"{QUOTA}::test_two_processes_on_redis_count_as_one",
    ),
    defence(
        "Places that are held stay held.",
        "synthesis/quota.py",
        {"self._cache.set_many(dict.fromkeys(keys, self._holder), timeout=HELD_S)": "pass"},
        f"{QUOTA}::test_the_places_of_a_process_that_is_gone_become_free_and_others_are_renewed",
    ),
    defence(
        "A change of limits is in force within a second.",
        "synthesis/policies.py",
        {"Cached(_read_policies, FRESH_S, clock)": "Cached(_read_policies, 1e9, clock)"},
        f"{LIMITS}::test_a_change_is_in_force_within_a_second",
    ),
    defence(
        "Limits have bounds.",
        "synthesis/models.py",
        {"validators=[MinValueValidator(least), MaxValueValidator(most)]": "validators=[]"},
        f"{ADMIN}::test_what_makes_no_sense_is_refused",
    ),
    defence(
        "It is kept who changed which limit from what to what.",
        "synthesis/admin.py",
        {"def construct_change_message(": "def change_message_of("},
        f"{ADMIN}::test_a_change_is_kept_and_told_in_the_history",
    ),
    defence(
        "Visitors always have limits.",
        "synthesis/admin.py",
        {" and (obj is None or obj.group_id is not None)": ""},
        f"{ADMIN}::test_those_of_visitors_stay",
    ),
    defence(
        "The API counts.",
        "synthesis/api.py",
        {
            "await admission.request(subject, policy, call.request.characters)": (
                "Reading(granted=True, limit=policy.requests, used=0, resets_in_s=60)"
            )
        },
        f"{MET}::TestOverHttp::test_what_is_left_is_told_and_then_refused",
    ),
    defence(
        "The API says when to try again.",
        "synthesis/api.py",
        {"""fields = {"Retry-After": str(wait)}""": "fields: dict[str, str] = {}"},
        f"{MET}::TestOverHttp::test_what_is_left_is_told_and_then_refused",
        f"{API}::test_a_busy_server_says_when_to_come_back",
    ),
    defence(
        "A refusal says which limit was reached.",
        "synthesis/api.py",
        {'if error.code in ("limit_requests", "limit_characters"):': "if False:"},
        f"{MET}::TestOverHttp::test_the_limit_that_was_reached_is_the_one_that_is_told",
        f"{MET}::TestOverHttp::test_the_form_keeps_the_text",
    ),
    defence(
        "And no other one beside it.",
        "synthesis/api.py",
        {"response.headers.setdefault(name, value)": "response.headers[name] = value"},
        f"{MET}::TestOverHttp::test_the_limit_that_was_reached_is_the_one_that_is_told",
    ),
    defence(
        "The API says what is left.",
        "synthesis/api.py",
        {", **rate_fields(reading)": ""},
        f"{MET}::TestOverHttp::test_what_is_left_is_told_and_then_refused",
    ),
    defence(
        "The plain form counts.",
        "terminal/views.py",
        {"await asker.count(request)\n        await asker.check(request)\n        token": "token"},
        f"{MET}::TestOverHttp::test_the_form_keeps_the_text",
    ),
    defence(
        "Saving counts.",
        "terminal/views.py",
        {
            "_request(_wish(http, asker.policy), asker.policy)\n        await asker.count(request)": (
                "_request(_wish(http, asker.policy), asker.policy)"
            )
        },
        f"{MET}::TestOverHttp::test_the_form_keeps_the_text",
    ),
    defence(
        "A recording that is made anew counts anew.",
        "terminal/views.py",
        {"if not await is_counted(token):": "if False:"},
        f"{MET}::TestOverHttp::test_what_is_made_anew_counts_anew",
    ),
    defence(
        "A text of the plain form counts once.",
        "terminal/spoken.py",
        {'return await cache.aadd(f"{_key(token)}:made", 1, KEPT_S)': "return False"},
        f"{MET}::TestOverHttp::test_what_is_made_anew_counts_anew",
    ),
    defence(
        "The plain form says when to try again.",
        "terminal/views.py",
        {"(refusal_fields(error) if error else {}).items()": "()"},
        f"{MET}::TestOverHttp::test_the_form_keeps_the_text",
    ),
    defence(
        "All utterances together have an end.",
        "synthesis/pool.py",
        {"if self._free <= 0:": "if False:"},
        f"{POOL}::test_utterances_are_counted",
        f"{SOCKET}::test_too_many_listeners_are_told_when_to_come_back",
    ),
    defence(
        "Work is done by deadline.",
        "synthesis/pool.py",
        {"_Job(deadline, next": "_Job(0.0, next"},
        f"{POOL}::test_the_earliest_deadline_goes_first",
    ),
    defence(
        "Work that nobody waits for is not begun.",
        "synthesis/pool.py",
        {"if job.future.set_running_or_notify_cancel():": "if True:"},
        f"{POOL}::test_a_cancelled_job_never_runs",
    ),
    defence(
        "An utterance has two pieces of work under way, however long it is.",
        "synthesis/flight.py",
        {"return len(self._tasks) >= AT_ONCE": "return False"},
        f"{API}::test_it_is_streamed_while_it_is_made",
    ),
    defence(
        "A worker that dies is replaced.",
        "synthesis/pool.py",
        {"if not self._closing:": "if False:"},
        f"{POOL}::test_a_worker_that_dies_is_replaced",
    ),
    defence(
        "Each step has its time.",
        "synthesis/speech.py",
        {"async with asyncio.timeout(timeout_s):": "if timeout_s:"},
        f"{MET}::test_a_step_that_takes_too_long_ends_the_utterance",
    ),
]
