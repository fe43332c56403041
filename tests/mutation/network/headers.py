"""Controls of request headers."""

from tests.mutation.mutation import mutation

NETWORKS = "tests/project/security/test_admin_networks.py"
PROXY = "tests/server/test_trusted_proxies.py"
HEADS = "tests/server/test_request_head.py"
WIRE = "tests/server/test_headers.py"

MUTATIONS = [
    mutation(
        "The header from which Daphne reads a script prefix is removed.",
        "project/server/daphne_http.py",
        {'self.requestHeaders.removeHeader(b"Daphne-Root-Path")': "pass"},
        f"{WIRE}::TestScriptPrefix::test_no_header_sets_the_script_prefix_of_a_page",
    ),
    mutation(
        "A prefix is removed from the path once, so all code routes by the same path.",
        "project/server/path_prefix.py",
        {'        self.path_info = self.META["PATH_INFO"] = scope["path"]\n': ""},
        "tests/server/test_path_prefix.py::test_the_prefix_is_removed_once",
    ),
    mutation(
        "The script prefix of a request is always empty.",
        "project/server/trusted_proxies.py",
        {'"root_path": "", ': ""},
        f"{PROXY}::test_no_client_sets_the_script_prefix",
    ),
    mutation(
        "Headers that name a client, user, address or method are removed in every spelling.",
        "project/server/trusted_proxies.py",
        {'.replace(b"_", b"-") not in FORWARDED_HEADERS': " not in FORWARDED_HEADERS"},
        f"{PROXY}::test_forwarded_headers_are_removed_in_any_spelling",
    ),
    mutation(
        "The admin's network restriction holds for every path and script prefix.",
        "project/security/admin_networks.py",
        {
            "if settings.ADMIN_ALLOWED_NETWORKS and not": (
                'if settings.ADMIN_ALLOWED_NETWORKS and f"{request.path}/".startswith("/admin/") and not'
            )
        },
        f"{NETWORKS}::test_a_script_prefix_does_not_expose_the_admin",
    ),
    mutation(
        "Forms are counted by the path that the URL resolver reads.",
        "project/security/form_rate_limit.py",
        {"request.path_info.startswith(LIMITED_PATHS)": "request.path.startswith(LIMITED_PATHS)"},
        "tests/project/security/test_form_rate_limit.py::test_a_script_prefix_does_not_bypass_the_limit",
    ),
    mutation(
        "A request head for which a library would log a traceback is rejected.",
        "project/server/daphne_http.py",
        {"        if refused:\n": "        if False:\n"},
        f"{WIRE}::TestHeads::test_an_invalid_head_gets_the_standard_reason_phrase",
    ),
    mutation(
        "Header values that a library decodes must be ASCII.",
        "project/server/request_head.py",
        {"if not all(_PRINTABLE.issuperset(value) for": "if not all(True for"},
        f"{HEADS}::test_decoded_headers_must_be_ascii",
    ),
    mutation(
        "Duplicates of security-relevant headers are rejected.",
        "project/server/request_head.py",
        {"if len(headers.get(name, ())) > 1:": "if False:"},
        f"{HEADS}::test_duplicate_single_value_headers_are_rejected",
    ),
    mutation(
        "A request target must be a path.",
        "project/server/request_head.py",
        {'if not target.startswith(b"/") or': 'if target == b"" and'},
        f"{HEADS}::test_the_request_target_must_be_a_path",
    ),
    mutation(
        "Unknown methods are rejected.",
        "project/server/request_head.py",
        {"if method not in METHODS:": "if False:"},
        f"{WIRE}::TestHeads::test_unknown_methods_get_501",
    ),
    mutation(
        "A media type that Django cannot decode is rejected.",
        "project/server/request_head.py",
        {"all(_is_content_type(value) for": "all(True for"},
        f"{HEADS}::test_another_charset_is_rejected",
    ),
    mutation(
        "A WebSocket handshake must be a GET request in HTTP/1.1 without a body.",
        "project/server/request_head.py",
        {'if method != b"GET" or version != b"HTTP/1.1" or has_body:': "if False:"},
        f"{HEADS}::test_a_handshake_must_be_an_http_1_1_get_without_a_body",
    ),
    mutation(
        "The response to a rejected handshake repeats nothing from the request.",
        "project/server/daphne_websocket.py",
        {"reason if code == HTTPStatus.FORBIDDEN else HTTPStatus(code).phrase": "reason"},
        f"{WIRE}::TestHeads::test_an_invalid_head_gets_the_standard_reason_phrase",
    ),
    mutation(
        "Rate limits are checked before a form is parsed.",
        "project/server/daphne_http.py",
        {"super().__init__(*args, parsePOSTFormSubmission=False)": "super().__init__(*args)"},
        f"{WIRE}::TestHeads::test_a_form_is_not_parsed_before_the_limits",
    ),
    mutation(
        "A rejected request writes one short log line.",
        "project/logging.py",
        {"if len(message) > LONGEST:": "if False:"},
        "tests/project/test_logging.py::test_a_rejected_request_is_one_short_line",
    ),
]
