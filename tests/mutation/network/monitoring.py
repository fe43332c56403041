"""Controls of logs and metrics."""

from tests.mutation.mutation import mutation

CORRELATION = "tests/monitoring/test_correlation.py"
PERMISSION = "tests/monitoring/test_metrics.py::TestPermission"
MIDDLEWARE = "monitoring/middleware.py"
PAGE = "terminal/page_metrics.py"
PAGES = "tests/monitoring/test_page_metrics.py"

MUTATIONS = [
    mutation(
        "A client's correlation id is logged only if it cannot be a token, an address or a text.",
        "core/logs/correlation.py",
        {"value if isinstance(value, str) and _VALID.fullmatch(value) else new()": "str(value)"},
        f"{CORRELATION}::test_an_invalid_id_is_replaced",
        f"{CORRELATION}::test_an_invalid_id_of_a_message_is_replaced",
    ),
    mutation(
        "The lines about clients' errors are bounded.",
        "core/logs/client_errors.py",
        {"        if self._lines < 1:\n": "        if self._lines < -1000:\n"},
        f"{CORRELATION}::test_lines_about_errors_are_bounded",
    ),
    mutation(
        "The line about a failed sign-in has no name.",
        "accounts/receivers.py",
        {
            'outcome="failed", address': 'outcome="failed", account=str(kwargs["credentials"]), address',
        },
        f"{CORRELATION}::test_a_sign_in_has_the_id_and_no_name",
    ),
    mutation(
        "Metrics are for this machine, named networks and tokens.",
        MIDDLEWARE,
        {"        await _require_permission(request)\n": "        pass\n"},
        f"{PERMISSION}::test_others_may_not",
        f"{PERMISSION}::test_a_proxy_is_not_this_machine",
        f"{PERMISSION}::test_a_wrong_token_is_refused",
    ),
    mutation(
        "A token needs the scope admin to read metrics.",
        MIDDLEWARE,
        {'if "admin" not in token.scopes:': "if False:"},
        f"{PERMISSION}::test_a_token_needs_the_scope_and_staff",
    ),
    mutation(
        "A name that points to the server gives a page of a named network no metrics (DNS rebinding).",
        MIDDLEWARE,
        {"if known_host and _is_in_networks": "if _is_in_networks"},
        f"{PERMISSION}::test_a_rebound_name_may_not",
    ),
    mutation(
        "A token for metrics needs TLS behind a TLS proxy.",
        MIDDLEWARE,
        {"if settings.SECURE_SSL_REDIRECT and not request.is_secure():": "if False:"},
        f"{PERMISSION}::test_behind_tls_a_token_needs_https_and_a_network_does_not",
    ),
    mutation(
        "The number of voices in metrics is bounded.",
        "core/metrics.py",
        {"if len(_voices) >= MAX_VOICES:": "if False:"},
        "tests/monitoring/test_metrics.py::TestCounts::test_voices_are_bounded",
    ),
    mutation(
        "The status page needs the permission to view it.",
        "monitoring/admin.py",
        {"if not self.has_view_permission(request):": "if False:"},
        "tests/monitoring/test_status.py::TestPage::test_it_needs_the_permission",
    ),
    mutation(
        "The number of rollups is bounded.",
        "monitoring/rollups.py",
        {"start__lt=oldest).delete()": "start__lt=oldest)"},
        "tests/monitoring/test_status.py::test_old_rows_are_deleted",
    ),
    mutation(
        "The log has networks instead of clients' addresses.",
        "core/logs/addresses.py",
        {"if bits == client.max_prefixlen": "if client"},
        f"{CORRELATION}::test_addresses_are_shortened",
    ),
    mutation(
        "Exported spans have no address.",
        "monitoring/tracing.py",
        {'NOT_EXPORTED = {"address"}': "NOT_EXPORTED: set[str] = set()"},
        "tests/monitoring/test_tracing.py::test_all_four_kinds_of_work_are_exported",
    ),
    mutation(
        "Reports of pages' timings are rate limited.",
        PAGE,
        {"    if is_ratelimited(": "    if False and is_ratelimited("},
        f"{PAGES}::test_reports_over_the_rate_limit_are_rejected",
    ),
    mutation(
        "The size of a report of a page's timings is limited.",
        PAGE,
        {"    if declared > MAX_BYTES or len(body) > MAX_BYTES:\n": "    if False:\n"},
        f"{PAGES}::test_a_large_report_is_rejected",
    ),
    mutation(
        "Pages of other sites report no timings.",
        PAGE,
        {"    if is_cross_site(http):\n": "    if False:\n"},
        f"{PAGES}::test_pages_of_other_sites_report_nothing",
    ),
    mutation(
        "Browsers that opt out are not measured.",
        PAGE,
        {'return "1" in (': 'return "0" in ('},
        f"{PAGES}::test_a_browser_that_opts_out_is_not_measured",
    ),
    mutation(
        "A report of a page's timings has known fields only.",
        PAGE,
        {'not sent.keys() <= {*_ONCE, "theme_switch_ms", "errors"}': "False"},
        f"{PAGES}::test_an_invalid_report_is_rejected_as_a_whole",
    ),
    mutation(
        "A page's timings are finite and bounded.",
        PAGE,
        {" or not math.isfinite(value) or not 0 <= value <= MAX_MS": ""},
        f"{PAGES}::test_an_invalid_report_is_rejected_as_a_whole",
    ),
]
