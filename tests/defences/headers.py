"""What request headers may do."""

from tests.defences.defence import defence

NETWORKS = "tests/project/test_networks.py"
PROXY = "tests/project/test_proxy.py"
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
]
