"""What request headers may do."""

from tests.defences.defence import defence

NETWORKS = "tests/project/test_networks.py"
PROXY = "tests/project/test_proxy.py"
HEADS = "tests/terminal/test_heads.py"
WIRE = "tests/terminal/test_headers.py"

DEFENCES = [
    defence(
        "Daphne gets no header to read a script prefix from.",
        "terminal/bodies.py",
        {'self.requestHeaders.removeHeader(b"Daphne-Root-Path")': "pass"},
        f"{WIRE}::TestScriptPrefix::test_no_header_sets_it_for_a_page",
    ),
    defence(
        "No server or proxy sets the script prefix.",
        "project/proxy.py",
        {'"root_path": "", ': ""},
        f"{PROXY}::test_nobody_sets_the_script_prefix",
    ),
    defence(
        "Headers that name a client, user, address or method are removed in every spelling.",
        "project/proxy.py",
        {'.replace(b"_", b"-") not in CLAIMS': " not in CLAIMS"},
        f"{PROXY}::test_no_claim_is_seen_in_any_spelling",
    ),
    defence(
        "Other networks have no admin, whatever the path and its prefix are.",
        "project/networks.py",
        {
            "if settings.ADMIN_NETWORKS and not": (
                'if settings.ADMIN_NETWORKS and f"{request.path}/".startswith("/admin/") and not'
            )
        },
        f"{NETWORKS}::test_a_script_prefix_leads_to_no_admin",
    ),
    defence(
        "Forms are counted by the path that the URL resolver reads.",
        "project/posts.py",
        {"request.path_info.startswith(COUNTED)": "request.path.startswith(COUNTED)"},
        "tests/project/test_posts.py::test_a_script_prefix_lifts_no_limit",
    ),
    defence(
        "A head that a library would log a traceback of is refused.",
        "terminal/bodies.py",
        {"        if refused:\n": "        if False:\n"},
        f"{WIRE}::TestHeads::test_it_is_refused_with_the_codes_own_phrase",
    ),
    defence(
        "What a library decodes is ASCII.",
        "terminal/heads.py",
        {"if not all(_PRINTABLE.issuperset(value) for": "if not all(True for"},
        f"{HEADS}::test_what_is_decoded_is_ascii",
    ),
    defence(
        "What decides something is there once.",
        "terminal/heads.py",
        {"if len(headers.get(name, ())) > 1:": "if False:"},
        f"{HEADS}::test_what_decides_is_there_once",
    ),
    defence(
        "A request target is a path.",
        "terminal/heads.py",
        {'if not target.startswith(b"/") or': 'if target == b"" and'},
        f"{HEADS}::test_a_target_is_a_path",
    ),
    defence(
        "Methods are known ones.",
        "terminal/heads.py",
        {"if method not in METHODS:": "if False:"},
        f"{WIRE}::TestHeads::test_other_methods_are_not_known",
    ),
    defence(
        "A media type is one that Django decodes bodies by.",
        "terminal/heads.py",
        {"all(_is_content_type(value) for": "all(True for"},
        f"{HEADS}::test_another_charset_is_not",
    ),
    defence(
        "A handshake is a GET request of HTTP/1.1 without a body.",
        "terminal/heads.py",
        {'if method != b"GET" or version != b"HTTP/1.1" or has_body:': "if False:"},
        f"{HEADS}::test_a_handshake_is_a_get_of_http_1_1_without_a_body",
    ),
    defence(
        "A refused handshake is answered with nothing that the client sent.",
        "terminal/connection.py",
        {"reason if code == HTTPStatus.FORBIDDEN else HTTPStatus(code).phrase": "reason"},
        f"{WIRE}::TestHeads::test_it_is_refused_with_the_codes_own_phrase",
    ),
    defence(
        "No form is parsed before the limits.",
        "terminal/bodies.py",
        {"super().__init__(*args, parsePOSTFormSubmission=False)": "super().__init__(*args)"},
        f"{WIRE}::TestHeads::test_a_form_is_not_parsed_before_the_limits",
    ),
    defence(
        "A refused request is one short line of the log.",
        "project/logs.py",
        {"if len(message) > LONGEST:": "if False:"},
        "tests/project/test_logs.py::test_a_refused_request_is_one_short_line",
    ),
]
