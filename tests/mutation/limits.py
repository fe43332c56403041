"""Asking for too much."""

from tests.mutation.mutation import mutation

ADMIN = "tests/synthesis/limits/test_rate_limiter.py::TestAdmin"
API = "tests/synthesis/api/test_api.py"
LIMITS = "tests/synthesis/limits/test_rate_limiter.py"
MET = "tests/terminal/test_limits.py"
POSTS = "tests/project/test_form_rate_limit.py"
POOL = "tests/synthesis/pool/test_worker_pool.py"
QUOTA = "tests/core/test_quotas.py"
SOCKET = "tests/terminal/test_socket.py"
TEXTS = "tests/synthesis/text/test_validation.py"

MUTATIONS = [
    mutation(
        "Requests are counted.",
        "synthesis/limits/rate_limiter.py",
        {"if not requests.allowed:": "if False:"},
        f"{LIMITS}::test_a_refusal_says_which_limit_and_when_again",
        f"{MET}::test_the_request_quota_rejects_with_retry_after",
    ),
    mutation(
        "Characters are counted.",
        "synthesis/limits/rate_limiter.py",
        {"if not used.allowed:": "if False:"},
        f"{LIMITS}::test_a_refusal_says_which_limit_and_when_again",
        f"{MET}::test_characters_are_counted_over_all_texts",
    ),
    mutation(
        "Who has no request left is refused before any work.",
        "synthesis/limits/rate_limiter.py",
        {"if requests.remaining == 0:": "if False:"},
        f"{MET}::test_a_used_up_quota_rejects_before_any_synthesis",
    ),
    mutation(
        "Utterances at once are counted.",
        "synthesis/limits/rate_limiter.py",
        {'"utterances", subject.key, policy.max_concurrent_utterances': '"utterances", subject.key, 1_000'},
        f"{LIMITS}::test_places_are_given_back_whatever_happens",
        f"{MET}::test_concurrent_utterances_are_limited_over_all_tabs",
    ),
    mutation(
        "Sockets are counted by owner.",
        "synthesis/limits/rate_limiter.py",
        {'"sockets", owner, policy.max_connections': '"sockets", owner, 1_000'},
        f"{LIMITS}::test_an_owner_has_so_many_tabs_wherever_they_are",
    ),
    mutation(
        "Sockets are counted by address, whoever opens them.",
        "synthesis/limits/rate_limiter.py",
        {"policy.max_connections * ADDRESS_CONNECTION_MULTIPLIER": "1_000"},
        f"{LIMITS}::test_an_address_has_room_for_several_visitors_but_not_for_any_number",
        f"{MET}::test_a_tab_over_the_limit_gets_an_error_and_is_closed",
    ),
    mutation(
        "Places are given back, so that nobody is kept out by those who left.",
        "synthesis/limits/rate_limiter.py",
        {"self._call_cache(lambda: places.release(subject, place))": "asyncio.sleep(0)"},
        f"{LIMITS}::test_places_are_given_back_whatever_happens",
    ),
    mutation(
        "New themes are counted by account or address.",
        "themes/creation_limit.py",
        {"if not quota.allowed:": "if False:"},
        "tests/terminal/test_theme_session.py::test_theme_creation_is_rate_limited",
    ),
    *(
        mutation(
            f"So are those that are made without scripts: {what}.",
            file,
            {piece: instead},
            "tests/themes/test_views.py::TestMaking::test_theme_creation_is_rate_limited",
        )
        for what, file, piece, instead in (
            (
                "copies",
                "themes/views/theme_list.py",
                """try:
            charge_creation(request)""",
                "try:",
            ),
            (
                "files",
                "themes/views/theme_list.py",
                """_stem(wish["file"].name))
            charge_creation(request)""",
                '_stem(wish["file"].name))',
            ),
            ("copies of one's own", "themes/views/theme_edit.py", "charge_creation(request)", "pass"),
            ("together", "themes/creation_limit.py", "if not quota.allowed:", "if False:"),
        )
    ),
    *(
        mutation(
            f"Forms and help with themes are limited: {what}.",
            "project/security/form_rate_limit.py",
            {piece: instead},
            f"{POSTS}::test_the_rate_limit_answers_as_json_or_html",
        )
        for what, piece, instead in (
            ("at all", 'not usage["should_limit"]', "True"),
            ("under both roots", '("/themes/", "/accounts/")', '("/themes/",)'),
            ("programs are told when to go on", '"Retry-After": str(wait), ', ""),
            ("and which limit it is", '**rate_limit_headers("posts", POSTS_PER_MINUTE, 0, wait)', ""),
        )
    ),
    mutation(
        "One who sends too many forms holds up nobody else.",
        "project/security/form_rate_limit.py",
        {'return subject_for(user_id_of(request.user), request.META.get("REMOTE_ADDR")).key': 'return "all"'},
        f"{POSTS}::test_other_users_have_their_own_limit",
    ),
    mutation(
        "A group can name the characters that its texts may have.",
        "synthesis/text/validation.py",
        {"    if symbols:\n": "    if False:\n"},
        f"{TEXTS}::TestSymbols::test_the_first_that_is_not_allowed_is_named_with_its_place",
    ),
    mutation(
        "Of several groups the one that forbids nothing holds.",
        "synthesis/limits/policy.py",
        {"return max(values) if all(values) else 0": "return max(values)"},
        f"{LIMITS}::test_where_one_group_forbids_nothing_nothing_is_forbidden",
    ),
    mutation(
        "An account is counted as one from everywhere.",
        "core/subjects.py",
        {'f"account.{self.account}" if self.account is not None else f': "f"},
        f"{LIMITS}::test_an_account_is_the_same_from_everywhere",
    ),
    mutation(
        "Of IPv6 a customer's whole network is counted as one.",
        "core/subjects.py",
        {"if address.version == 6:": "if False:"},
        f"{LIMITS}::test_addresses_are_told_apart_as_customers_are",
    ),
    mutation(
        "IPv4 in IPv6's form is not counted as one network of all.",
        "core/subjects.py",
        {'address = getattr(address, "ipv4_mapped", None) or address': "pass"},
        f"{LIMITS}::test_addresses_are_told_apart_as_customers_are",
    ),
    mutation(
        "Counters are exact, however many ask at once.",
        "core/quotas.py",
        {
            "used = self._cache.incr(key, amount)": (
                "used = self._cache.get(key) + amount\n            self._cache.set(key, used, timeout=2 * WINDOW_S)"
            )
        },
        f"{QUOTA}::test_exactly_as_many_as_the_limit_pass",
        f"{QUOTA}::test_two_processes_on_redis_count_as_one",
    ),
    mutation(
        "A meter ends.",
        "core/quotas.py",
        {"if used > limit:": "if False:"},
        f"{QUOTA}::test_exactly_as_many_as_the_limit_pass",
    ),
    mutation(
        "What is refused is not counted.",
        "core/quotas.py",
        {"used = self._cache.decr(key, amount)": "pass"},
        f"{QUOTA}::test_what_is_refused_is_not_counted",
    ),
    mutation(
        "A place is held by one, over all processes.",
        "core/quotas.py",
        {"if self._cache.add(self._key(subject, place), self._holder, timeout=LEASE_TTL_S):": "if True:"},
        f"{QUOTA}::test_processes_share_the_places",
        f"{QUOTA}::test_two_processes_on_redis_count_as_one",
    ),
    mutation(
        "Places that are held stay held.",
        "core/quotas.py",
        {"self._cache.set_many(dict.fromkeys(keys, self._holder), timeout=LEASE_TTL_S)": "pass"},
        f"{QUOTA}::test_the_places_of_a_process_that_is_gone_become_free_and_others_are_renewed",
    ),
    mutation(
        "A change of limits is in force within a second.",
        "synthesis/limits/policy_store.py",
        {"Cached(_read_policies, CACHE_TTL_S, clock)": "Cached(_read_policies, 1e9, clock)"},
        f"{LIMITS}::test_a_change_is_in_force_within_a_second",
    ),
    mutation(
        "Limits have bounds.",
        "synthesis/models.py",
        {"validators=[MinValueValidator(least), MaxValueValidator(most)]": "validators=[]"},
        f"{ADMIN}::test_what_makes_no_sense_is_refused",
    ),
    mutation(
        "It is kept who changed which limit from what to what.",
        "synthesis/admin.py",
        {"def construct_change_message(": "def change_message_of("},
        f"{ADMIN}::test_a_change_is_kept_and_told_in_the_history",
    ),
    mutation(
        "Visitors always have limits.",
        "synthesis/admin.py",
        {" and (obj is None or obj.group_id is not None)": ""},
        f"{ADMIN}::test_those_of_visitors_stay",
    ),
    mutation(
        "The API counts.",
        "synthesis/api/views.py",
        {"quota = await client.charge(speech_request)": "quota = await client.quota()"},
        f"{MET}::TestOverHttp::test_responses_report_the_remaining_quota",
    ),
    mutation(
        "The API says when to try again.",
        "synthesis/api/errors.py",
        {"""fields = {"Retry-After": str(wait)}""": "fields: dict[str, str] = {}"},
        f"{MET}::TestOverHttp::test_responses_report_the_remaining_quota",
        f"{API}::test_a_busy_server_says_when_to_come_back",
    ),
    mutation(
        "A refusal says which limit was reached.",
        "synthesis/api/errors.py",
        {'if error.code in ("limit_requests", "limit_characters"):': "if False:"},
        f"{MET}::TestOverHttp::test_the_error_names_the_exhausted_limit",
        f"{MET}::TestOverHttp::test_the_form_keeps_the_text",
    ),
    mutation(
        "And no other one beside it.",
        "synthesis/api/views.py",
        {"response.headers.setdefault(name, value)": "response.headers[name] = value"},
        f"{MET}::TestOverHttp::test_the_error_names_the_exhausted_limit",
    ),
    mutation(
        "The API says what is left.",
        "synthesis/api/views.py",
        {", **quota_headers(quota)": ""},
        f"{MET}::TestOverHttp::test_responses_report_the_remaining_quota",
    ),
    mutation(
        "The plain form charges a text, for the player and for the download.",
        "terminal/views.py",
        {"    await client.charge(request)\n    return request": "    return request"},
        f"{MET}::TestOverHttp::test_the_form_keeps_the_text",
    ),
    mutation(
        "A recording that has been evicted is charged again when it is synthesized again.",
        "terminal/views.py",
        {"if await is_first_synthesis(token):": "if True:"},
        f"{MET}::TestOverHttp::test_repeated_synthesis_of_a_recording_is_charged",
    ),
    mutation(
        "A text of the plain form counts once.",
        "terminal/recordings.py",
        {'return await cache.aadd(f"{_key(token)}:made", 1, REQUEST_TTL_S)': "return False"},
        f"{MET}::TestOverHttp::test_repeated_synthesis_of_a_recording_is_charged",
    ),
    mutation(
        "The plain form says when to try again.",
        "terminal/views.py",
        {"(error_headers(error) if error else {}).items()": "()"},
        f"{MET}::TestOverHttp::test_the_form_keeps_the_text",
    ),
    mutation(
        "All utterances together have an end.",
        "synthesis/pool/worker_pool.py",
        {"if self._free_slots <= 0:": "if False:"},
        f"{POOL}::test_utterances_are_counted",
        f"{SOCKET}::test_overload_is_rejected_with_retry_after",
    ),
    mutation(
        "Work is done by deadline.",
        "synthesis/pool/worker_pool.py",
        {"_Job(deadline, next": "_Job(0.0, next"},
        f"{POOL}::test_the_earliest_deadline_goes_first",
    ),
    mutation(
        "Work that nobody waits for is not begun.",
        "synthesis/pool/worker_pool.py",
        {"[job for job in batch if job.future.set_running_or_notify_cancel()]": "batch"},
        f"{POOL}::test_a_cancelled_job_never_runs",
    ),
    mutation(
        "An utterance has two pieces of work under way, however long it is.",
        "synthesis/pipeline/ordered_jobs.py",
        {"return len(self._tasks) >= MAX_IN_FLIGHT": "return False"},
        f"{API}::test_it_is_streamed_while_it_is_made",
    ),
    mutation(
        "A worker that dies is replaced.",
        "synthesis/pool/worker_pool.py",
        {"if not self._closing:": "if False:"},
        f"{POOL}::test_a_worker_that_dies_is_replaced",
    ),
    mutation(
        "Each step has its time.",
        "synthesis/pipeline/synthesizer.py",
        {"async with asyncio.timeout(timeout_s):": "if timeout_s:"},
        f"{MET}::test_a_step_timeout_ends_the_utterance",
    ),
]
