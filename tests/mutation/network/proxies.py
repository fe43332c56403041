"""Controls of deployments: proxies, settings, refusals and Redis."""

from tests.mutation.mutation import mutation

PROXY = "tests/server/test_trusted_proxies.py"
FORMS = "tests/project/security/test_proxies.py"
REFUSALS = "tests/core/test_refusal_log.py"
REDIS = "tests/core/storage/test_redis_outage.py"

MUTATIONS = [
    mutation(
        "Forwarded headers are accepted only from trusted proxies.",
        "project/server/trusted_proxies.py",
        {"if peer is None or not self._trusts(peer):": "if peer is None:"},
        f"{PROXY}::test_only_trusted_proxies_set_the_client_address",
        f"{PROXY}::test_without_trusted_proxies_no_header_is_trusted",
    ),
    mutation(
        "The client is the last address of the chain that is not a trusted proxy.",
        "project/server/trusted_proxies.py",
        {"in reversed(forwarded):": "in forwarded:"},
        f"{PROXY}::test_only_trusted_proxies_set_the_client_address",
    ),
    mutation(
        "Parsing a forwarded chain stops at the first invalid address.",
        "project/server/trusted_proxies.py",
        {"if address is None:\n                return peer": "if address is None:\n                continue"},
        f"{PROXY}::test_only_trusted_proxies_set_the_client_address",
    ),
    mutation(
        "A trusted proxy is recognized by its IPv4-mapped IPv6 address.",
        "project/server/trusted_proxies.py",
        {'return getattr(address, "ipv4_mapped", None) or address': "return address"},
        f"{PROXY}::test_only_trusted_proxies_set_the_client_address",
    ),
    mutation(
        "Forwarded headers are removed from the request.",
        "project/server/trusted_proxies.py",
        {' if name.lower().replace(b"_", b"-") not in FORWARDED_HEADERS': ""},
        f"{PROXY}::test_forwarded_headers_are_removed",
    ),
    mutation(
        "The served application resolves the client's address.",
        "project/asgi.py",
        {"application = TrustedProxyMiddleware(": "application = (lambda served, networks: served)("},
        f"{PROXY}::test_the_asgi_application_uses_the_forwarded_address",
    ),
    mutation(
        "A forwarded host must be allowed.",
        "project/server/trusted_proxies.py",
        {"if forwarded and validate_host(split_domain_port(forwarded)[0], settings.ALLOWED_HOSTS):": "if forwarded:"},
        f"{PROXY}::test_a_trusted_proxy_names_the_host",
    ),
    mutation(
        "A forwarded port must be that of the browser's origin.",
        "project/server/trusted_proxies.py",
        {' and origin.lower().endswith(f"://{host}:{port}".lower()):': ":"},
        f"{PROXY}::test_a_trusted_proxy_names_the_host",
    ),
    mutation(
        "Forms follow the websocket's rule for origins.",
        "project/security/csrf.py",
        {'return is_same_origin(request.META["HTTP_ORIGIN"], request.get_host())': "return True"},
        f"{FORMS}::test_forms_follow_the_rule_of_the_socket",
    ),
    mutation(
        "Only health probes accept any host.",
        "project/security/health_probes.py",
        {'PROBES.get(request.path_info) if request.method in ("GET", "HEAD") else None': 'PROBES["/healthz"]'},
        f"{FORMS}::test_probes_are_answered_for_any_host",
    ),
    mutation(
        "Refusals are logged at a limited rate.",
        "core/web/refusal_log.py",
        {" or self._lines >= MAX_LINES:": ":"},
        f"{REFUSALS}::test_different_reasons_do_not_flood_the_log_or_the_memory",
    ),
    mutation(
        "The reasons of refusals in memory are bounded.",
        "core/web/refusal_log.py",
        {"while len(self._logged) > MAX_REASONS:": "while False:"},
        f"{REFUSALS}::test_different_reasons_do_not_flood_the_log_or_the_memory",
    ),
    mutation(
        "A client's text in the log has no control characters.",
        "core/web/refusal_log.py",
        {'.encode("unicode_escape").decode("ascii")': ""},
        f"{REFUSALS}::test_a_client_cannot_write_lines_of_its_own",
    ),
    mutation(
        "TLS behind a proxy requires the proxy's address.",
        "project/configuration/combinations.py",
        {'if settings["BEHIND_TLS_PROXY"] and not settings["TRUSTED_PROXIES"]:': "if False:"},
        "tests/project/test_settings.py::test_a_fault_in_the_settings_is_one_line",
    ),
    mutation(
        "An origin with a wildcard prevents the start.",
        "project/configuration/addresses.py",
        {'if "*" in item:': "if False:"},
        "tests/project/configuration/test_addresses.py::test_errors_name_unusable_origins",
    ),
    mutation(
        "Limited requests are rejected without Redis if the settings say so.",
        "core/storage/fallback_cache.py",
        {'if self._rejects and settings.LIMITS_WITHOUT_REDIS == "reject":': "if False:"},
        f"{REDIS}::test_limited_requests_are_rejected_if_the_setting_is_reject",
    ),
    mutation(
        "Limits are counted in the process without Redis.",
        "core/storage/redis_link.py",
        {"            self.failed(error)\n            return otherwise()": "            raise"},
        f"{REDIS}::test_limits_are_counted_in_the_process_until_redis_is_back",
    ),
    mutation(
        "A folder with other uses is refused as DATA_DIR.",
        "project/configuration/data_dir.py",
        {"if path == Path(path.anchor) or base_dir.is_relative_to(path):": "if False:"},
        "tests/project/configuration/test_data_dir.py::test_a_folder_with_other_files_is_refused",
    ),
    mutation(
        "Old names of settings in the file prevent the start.",
        "project/configuration/environment.py",
        {"return {**self._environ, **os.environ}": "return os.environ"},
        "tests/project/configuration/test_environment.py::test_settings_in_the_file_count_as_set",
    ),
]
