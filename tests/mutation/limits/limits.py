"""Controls of rate limits, quotas and concurrency."""

from tests.mutation.mutation import mutation

ADMIN = "tests/synthesis/limits/test_rate_limiter.py::TestAdmin"
API = "tests/synthesis/api/test_api.py"
LIMITS = "tests/synthesis/limits/test_rate_limiter.py"
MET = "tests/terminal/test_limits.py"
POSTS = "tests/project/security/test_form_rate_limit.py"
POOL = "tests/synthesis/pool/test_worker_pool.py"
QUOTA = "tests/core/test_quotas.py"
SOCKET = "tests/terminal/test_socket.py"
TEXTS = "tests/synthesis/text/test_validation.py"

MUTATIONS = [
    mutation(
        "Speech requests are rate limited.",
        "synthesis/limits/rate_limiter.py",
        {"if not requests.allowed:": "if False:"},
        f"{LIMITS}::test_an_error_names_the_limit_and_the_wait",
        f"{MET}::test_the_request_quota_rejects_with_retry_after",
    ),
    mutation(
        "Characters are rate limited.",
        "synthesis/limits/rate_limiter.py",
        {"if not used.allowed:": "if False:"},
        f"{LIMITS}::test_an_error_names_the_limit_and_the_wait",
        f"{MET}::test_characters_are_counted_over_all_texts",
    ),
    mutation(
        "A request over the quota is rejected before any synthesis.",
        "synthesis/limits/rate_limiter.py",
        {"if requests.remaining == 0:": "if False:"},
        f"{MET}::test_a_used_up_quota_rejects_before_any_synthesis",
    ),
    mutation(
        "Concurrent utterances are limited.",
        "synthesis/limits/rate_limiter.py",
        {'"utterances", subject.key, policy.max_concurrent_utterances': '"utterances", subject.key, 1_000'},
        f"{LIMITS}::test_leases_are_released_after_errors_and_cancellation",
        f"{MET}::test_concurrent_utterances_are_limited_over_all_tabs",
    ),
    mutation(
        "Sockets are limited by owner.",
        "synthesis/limits/rate_limiter.py",
        {'"sockets", owner, policy.max_connections': '"sockets", owner, 1_000'},
        f"{LIMITS}::test_tabs_are_limited_per_owner_across_addresses",
    ),
    mutation(
        "Sockets are limited by address, over all its clients.",
        "synthesis/limits/rate_limiter.py",
        {"policy.max_connections * ADDRESS_CONNECTION_MULTIPLIER": "1_000"},
        f"{LIMITS}::test_connections_of_an_address_are_limited_over_all_its_visitors",
        f"{MET}::test_a_tab_over_the_limit_gets_an_error_and_is_closed",
    ),
    mutation(
        "Concurrency leases are released when a client disconnects.",
        "synthesis/limits/rate_limiter.py",
        {"self._call_cache(lambda: places.release(subject, place))": "asyncio.sleep(0)"},
        f"{LIMITS}::test_leases_are_released_after_errors_and_cancellation",
    ),
    mutation(
        "Theme creations are rate limited by account or address.",
        "themes/store/creation_limit.py",
        {"if not quota.allowed:": "if False:"},
        "tests/terminal/test_theme_session.py::test_theme_creation_is_rate_limited",
    ),
    *(
        mutation(
            f"Theme creations without JavaScript are rate limited: {what}.",
            file,
            {piece: instead},
            "tests/themes/test_views.py::TestCreation::test_theme_creation_is_rate_limited",
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
                """scheme=wish["scheme"])
            charge_creation(request)""",
                'scheme=wish["scheme"])',
            ),
            ("copies of own themes", "themes/views/theme_edit.py", "charge_creation(request)", "pass"),
            ("the shared counter", "themes/store/creation_limit.py", "if not quota.allowed:", "if False:"),
        )
    ),
    *(
        mutation(
            f"Forms and theme helpers are rate limited: {what}.",
            "project/security/form_rate_limit.py",
            {piece: instead},
            f"{POSTS}::test_the_rate_limit_answers_as_json_or_html",
        )
        for what, piece, instead in (
            ("the limit is enforced", 'not usage["should_limit"]', "True"),
            (
                "for themes and accounts",
                '("/themes/", "/accounts/", "/documents/", "/voices/", "/share")',
                '("/themes/",)',
            ),
            ("with a Retry-After header", '"Retry-After": str(wait), ', ""),
            ("with the name of the limit", '**rate_limit_headers("posts", POSTS_PER_MINUTE, 0, wait)', ""),
        )
    ),
    mutation(
        "Each client has its own rate limit for forms.",
        "project/security/form_rate_limit.py",
        {'return subject_for(user_id_of(request.user), request.META.get("REMOTE_ADDR")).key': 'return "all"'},
        f"{POSTS}::test_other_users_have_their_own_limit",
    ),
    mutation(
        "A group's policy can restrict the allowed characters.",
        "synthesis/text/validation.py",
        {"    if symbols:\n": "    if False:\n"},
        f"{TEXTS}::TestSymbols::test_the_first_that_is_not_allowed_is_named_with_its_place",
    ),
    mutation(
        "A user in several groups gets the most permissive policy.",
        "synthesis/limits/policy.py",
        {"return max(values) if all(values) else 0": "return max(values)"},
        f"{LIMITS}::test_a_group_without_a_limit_removes_the_limit",
    ),
    mutation(
        "An account has one rate limit over all addresses.",
        "core/limits/subjects.py",
        {'f"account.{self.account}" if self.account is not None else f': "f"},
        f"{LIMITS}::test_an_account_is_counted_across_addresses",
    ),
    mutation(
        "IPv6 clients are counted by network prefix.",
        "core/limits/subjects.py",
        {"if address.version == 6:": "if False:"},
        f"{LIMITS}::test_ipv6_addresses_are_counted_by_network",
    ),
    mutation(
        "IPv4-mapped IPv6 addresses are counted by their IPv4 address.",
        "core/limits/subjects.py",
        {'address = getattr(address, "ipv4_mapped", None) or address': "pass"},
        f"{LIMITS}::test_ipv6_addresses_are_counted_by_network",
    ),
    mutation(
        "Counters are exact under concurrent requests.",
        "core/limits/quotas.py",
        {
            "used = self._cache.incr(key, amount)": (
                "used = self._cache.get(key) + amount\n            self._cache.set(key, used, timeout=2 * WINDOW_S)"
            )
        },
        f"{QUOTA}::test_exactly_the_limit_is_allowed",
        f"{QUOTA}::test_two_processes_share_a_count_in_redis",
    ),
    mutation(
        "A counter rejects requests over its limit.",
        "core/limits/quotas.py",
        {"if used > limit:": "if False:"},
        f"{QUOTA}::test_exactly_the_limit_is_allowed",
    ),
    mutation(
        "Rejected requests are not counted.",
        "core/limits/quotas.py",
        {"used = self._refund(key, amount, used)": "pass"},
        f"{QUOTA}::test_a_rejected_request_is_not_counted",
    ),
    mutation(
        "A lease has one holder, over all processes.",
        "core/limits/quotas.py",
        {"if self._cache.add(self._key(subject, place), self._holder, timeout=LEASE_TTL_S):": "if True:"},
        f"{QUOTA}::test_processes_share_leases",
        f"{QUOTA}::test_two_processes_share_a_count_in_redis",
    ),
    mutation(
        "Held leases are renewed.",
        "core/limits/quotas.py",
        {"self._cache.set_many(dict.fromkeys(keys, self._holder), timeout=LEASE_TTL_S)": "pass"},
        f"{QUOTA}::test_leases_of_a_dead_process_expire_and_others_are_renewed",
    ),
    mutation(
        "A policy change takes effect within one second.",
        "synthesis/limits/policy_store.py",
        {"Cached(_read_policies, CACHE_TTL_S, clock)": "Cached(_read_policies, 1e9, clock)"},
        f"{LIMITS}::test_a_change_takes_effect_within_a_second",
    ),
    mutation(
        "Limits are validated against their bounds.",
        "synthesis/models.py",
        {"validators=[MinValueValidator(limit.least), MaxValueValidator(limit.most)]": "validators=[]"},
        f"{ADMIN}::test_invalid_limits_are_rejected",
    ),
    mutation(
        "Each change of a limit is recorded with its user, old value and new value.",
        "synthesis/admin.py",
        {"def construct_change_message(": "def change_message_of("},
        f"{ADMIN}::test_a_change_is_saved_and_logged_in_the_history",
    ),
    mutation(
        "The policy for visitors cannot be deleted.",
        "synthesis/admin.py",
        {" and (obj is None or obj.group_id is not None)": ""},
        f"{ADMIN}::test_visitor_limits_cannot_be_deleted",
    ),
    mutation(
        "The API charges quotas.",
        "synthesis/api/responses.py",
        {"await client.charge(request)": "await client.quota()"},
        f"{MET}::TestHttpLimits::test_responses_report_the_remaining_quota",
    ),
    mutation(
        "A rate-limited API response has a Retry-After header.",
        "synthesis/api/errors.py",
        {"""fields = {"Retry-After": str(wait)}""": "fields: dict[str, str] = {}"},
        f"{MET}::TestHttpLimits::test_responses_report_the_remaining_quota",
        f"{API}::test_a_busy_server_says_when_to_come_back",
    ),
    mutation(
        "An error response names the exhausted limit.",
        "synthesis/api/errors.py",
        {'if error.code in ("limit_requests", "limit_characters"):': "if False:"},
        f"{MET}::TestHttpLimits::test_the_error_names_the_exhausted_limit",
        f"{MET}::TestHttpLimits::test_the_form_keeps_the_text",
    ),
    mutation(
        "An error response names no limit besides the exhausted one.",
        "synthesis/api/views.py",
        {"response.headers.setdefault(name, value)": "response.headers[name] = value"},
        f"{MET}::TestHttpLimits::test_the_error_names_the_exhausted_limit",
    ),
    mutation(
        "API responses report the remaining quota.",
        "synthesis/api/responses.py",
        {'"no-store", **quota_headers(quota)}': '"no-store"}'},
        f"{MET}::TestHttpLimits::test_responses_report_the_remaining_quota",
    ),
    mutation(
        "The form without JavaScript charges a text, for the player and for the download.",
        "terminal/views.py",
        {"    await client.charge(request)\n    return request": "    return request"},
        f"{MET}::TestHttpLimits::test_the_form_keeps_the_text",
    ),
    mutation(
        "A recording that has been evicted is charged again when it is synthesized again.",
        "terminal/views.py",
        {"if await is_first_synthesis(token):": "if True:"},
        f"{MET}::TestHttpLimits::test_repeated_synthesis_of_a_recording_is_charged",
    ),
    mutation(
        "The form without JavaScript charges the first synthesis of a text once.",
        "terminal/recordings.py",
        {'return await cache.aadd(f"{_key(token)}:made", 1, REQUEST_TTL_S)': "return False"},
        f"{MET}::TestHttpLimits::test_repeated_synthesis_of_a_recording_is_charged",
    ),
    mutation(
        "A rate-limited response of the form without JavaScript has a Retry-After header.",
        "terminal/views.py",
        {"(error_headers(error) if error else {}).items()": "()"},
        f"{MET}::TestHttpLimits::test_the_form_keeps_the_text",
    ),
    mutation(
        "Concurrent utterances are limited over all clients.",
        "synthesis/pool/worker_pool.py",
        {"if self._free_slots <= 0:": "if False:"},
        f"{POOL}::test_utterances_are_counted",
        f"{SOCKET}::test_overload_is_rejected_with_retry_after",
    ),
    mutation(
        "Jobs run in the order of their deadlines.",
        "synthesis/pool/worker_pool.py",
        {"_Job(deadline, next": "_Job(0.0, next"},
        f"{POOL}::test_the_earliest_deadline_goes_first",
    ),
    mutation(
        "Cancelled jobs are not started.",
        "synthesis/pool/worker_pool.py",
        {"[job for job in batch if job.wanted()]": "batch"},
        f"{POOL}::test_a_cancelled_job_never_runs",
    ),
    mutation(
        "An utterance has at most two jobs in flight.",
        "synthesis/pipeline/utterance_stream.py",
        {"while len(self._in_flight) < MAX_IN_FLIGHT and not self._ended:": "while not self._ended:"},
        "tests/synthesis/pipeline/test_utterance_stream.py::test_at_most_two_windows_are_in_flight",
    ),
    mutation(
        "A worker that exits is replaced.",
        "synthesis/pool/worker_pool.py",
        {"if not self._closing:": "if False:"},
        f"{POOL}::test_a_worker_that_dies_is_replaced",
    ),
    mutation(
        "Each synthesis step has a timeout.",
        "synthesis/pipeline/synthesizer.py",
        {"            self._timed_out = True\n": ""},
        f"{MET}::test_a_step_timeout_ends_the_utterance",
    ),
]
