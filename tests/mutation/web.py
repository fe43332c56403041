"""From the browser to the pages."""

from tests.mutation.mutation import Mutation, mutation

CHECKS = "tests/project/test_checks.py"
HEADERS = "tests/project/test_headers.py"
REPORTS = "tests/project/test_csp_reports.py"
WRITING = "tests/project/test_csrf_coverage.py"
WIRE = "tests/server/test_daphne_http.py"
API = "tests/synthesis/api/test_api.py"
PAGES = "tests/themes/test_views.py"
REQUESTS = "tests/terminal/test_abuse.py::TestRequests"
TOOLS = "tests/themes/test_api.py"
VIEWS = "tests/terminal/test_views.py"
DOORS = "tests/accounts/test_open_redirect_and_fixation.py"
FORBIDDEN = "tests/scripts/test_forbidden.py"

LINES = (
    *(
        f'"{name}": [SELF],'
        for name in ("script-src", "style-src", "connect-src", "img-src", "media-src", "form-action")
    ),
    *(f'"{name}": [NONE],' for name in ("default-src", "frame-ancestors", "base-uri", "trusted-types")),
    '"require-trusted-types-for": ["\'script\'"],',
    '"report-uri": ["/csp-report"],',
)
POLICY = [
    mutation(
        f"The policy of every page has {line}",
        "project/security/csp.py",
        {line: ""},
        f"{HEADERS}::test_the_whole_policy",
    )
    for line in LINES
]

MIDDLEWARE = [
    mutation(f"Every answer goes through {name}.", "project/settings.py", {f'    "{name}",\n': ""}, *red)
    for name, *red in (
        ("csp.middleware.CSPMiddleware", f"{HEADERS}::test_nothing_but_our_own"),
        (
            "project.security.headers.security_headers_middleware",
            f"{HEADERS}::test_every_response_has_the_security_headers",
        ),
        ("django.middleware.security.SecurityMiddleware", f"{HEADERS}::test_every_response_has_the_security_headers"),
        (
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
            f"{HEADERS}::test_every_response_has_the_security_headers",
        ),
        ("django.middleware.csrf.CsrfViewMiddleware", f"{WRITING}::test_cross_site_writes_are_rejected"),
        ("django.middleware.common.CommonMiddleware", f"{HEADERS}::test_other_hosts_are_refused"),
    )
]
FIRST = '    "django.middleware.security.SecurityMiddleware",\n'
MIDDLEWARE += [
    mutation(
        f"What is sent to TLS goes through {name} too.",
        "project/settings.py",
        {FIRST: "", f'    "{name}",\n': f'{FIRST}    "{name}",\n'},
        f"{HEADERS}::test_middleware_responses_have_the_headers",
    )
    for name in ("csp.middleware.CSPMiddleware", "django.middleware.clickjacking.XFrameOptionsMiddleware")
]

SETTINGS = [
    mutation(claim, "project/settings.py", {line: instead}, *red)
    for claim, line, instead, *red in (
        (
            "Files are what they say that they are.",
            "SECURE_CONTENT_TYPE_NOSNIFF = True",
            "SECURE_CONTENT_TYPE_NOSNIFF = False",
            f"{HEADERS}::test_every_response_has_the_security_headers",
        ),
        (
            "Other sites do not learn from which page somebody came.",
            'SECURE_REFERRER_POLICY = "same-origin"',
            'SECURE_REFERRER_POLICY = "unsafe-url"',
            f"{HEADERS}::test_every_response_has_the_security_headers",
        ),
        (
            "A window that another site opens has no hold on ours.",
            'SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"',
            "SECURE_CROSS_ORIGIN_OPENER_POLICY = None",
            f"{HEADERS}::test_every_response_has_the_security_headers",
        ),
        (
            "Nothing can frame the page, in browsers that know no policy either.",
            'X_FRAME_OPTIONS = "DENY"',
            'X_FRAME_OPTIONS = "SAMEORIGIN"',
            f"{HEADERS}::test_every_response_has_the_security_headers",
        ),
        (
            "Behind TLS, browsers are told to come by TLS alone.",
            "SECURE_HSTS_SECONDS = 365 * 86400 if BEHIND_TLS_PROXY else 0",
            "SECURE_HSTS_SECONDS = 0",
            f"{CHECKS}::test_the_production_settings_have_no_warnings",
        ),
        (
            "Behind TLS, plain requests are sent there.",
            "SECURE_SSL_REDIRECT = BEHIND_TLS_PROXY",
            "SECURE_SSL_REDIRECT = False",
            f"{CHECKS}::test_the_production_settings_have_no_warnings",
        ),
        (
            "Behind TLS, cookies go over TLS alone.",
            "SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS_PROXY",
            "SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False",
            f"{CHECKS}::test_the_production_settings_have_no_warnings",
        ),
        (
            "No script reads the session's cookie.",
            "SESSION_COOKIE_HTTPONLY = CSRF",
            "SESSION_COOKIE_HTTPONLY = False\nCSRF",
            f"{CHECKS}::test_the_default_settings_pass_the_checks",
        ),
        (
            "No script reads the token's cookie.",
            "= CSRF_COOKIE_HTTPONLY = True",
            "= True",
            f"{HEADERS}::test_cookies_are_http_only",
        ),
        (
            "No other site's form carries the session's cookie.",
            'SESSION_COOKIE_SAMESITE = "Lax"',
            'SESSION_COOKIE_SAMESITE = "None"',
            f"{CHECKS}::test_the_default_settings_pass_the_checks",
        ),
        (
            "Hosts that are not listed are refused.",
            '["localhost", "127.0.0.1", "[::1]"]',
            '["*"]',
            f"{CHECKS}::test_the_default_settings_pass_the_checks",
        ),
        (
            "Forms are cut off at 256 KB.",
            "DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024",
            "DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024 * 1024",
            f"{API}::test_a_body_too_large",
        ),
    )
]

WATCHED = [
    mutation(f"The start is stopped {when}.", "project/checks.py", {piece: instead}, f"{CHECKS}::{red}")
    for when, piece, instead, red in (
        (
            "where a middleware is missing",
            "if name not in settings.MIDDLEWARE:",
            "if False:",
            "test_weakened_settings_are_errors",
        ),
        (
            "where a directive is missing",
            "if name not in directives:",
            "if False:",
            "test_weakened_settings_are_errors",
        ),
        (
            "where a directive allows more",
            "if source not in ALLOWED_SOURCES:",
            "if False:",
            "test_weakened_settings_are_errors",
        ),
        (
            "where addresses are left out of the policy",
            'if in_force.get("EXCLUDE_URL_PREFIXES"):',
            "if False:",
            "test_weakened_settings_are_errors",
        ),
        (
            "where scripts could read the session's cookie",
            "not settings.SESSION_COOKIE_HTTPONLY or ",
            "",
            "test_weakened_settings_are_errors",
        ),
        (
            "where other sites could send the session's cookie",
            ' or settings.SESSION_COOKIE_SAMESITE not in ("Lax", "Strict")',
            "",
            "test_weakened_settings_are_errors",
        ),
        (
            "where every host is allowed",
            'if "*" in settings.ALLOWED_HOSTS:',
            "if False:",
            "test_weakened_settings_are_errors",
        ),
        (
            "where every origin is trusted",
            'if "*" in settings.TRUSTED_ORIGINS:',
            "if False:",
            "test_weakened_settings_are_errors",
        ),
        (
            "where everybody is believed to be a proxy",
            "if any(network.prefixlen == 0 for network in parse_networks(settings.TRUSTED_PROXIES)):",
            "if False:",
            "test_weakened_settings_are_errors",
        ),
    )
]

EXEMPTED = "from django.views.decorators.csrf import csrf_exempt as let_in\n\n\n@let_in\n"
TOKENS = [
    *(
        mutation(
            f"The form of {place} carries a token.",
            place.rpartition(".")[0].replace(".", "/") + ".py",
            {f"{before}def {place.rpartition('.')[2]}(": f"{EXEMPTED}{before}def {place.rpartition('.')[2]}("},
            f"{WRITING}::test_cross_site_writes_are_rejected",
        )
        for place, before in (
            (
                "themes.views.theme_list.theme_list",
                """@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@require_device_cookie
""",
            ),
            (
                "themes.views.theme_list.create_theme",
                """@never_cache
@require_POST
@require_device_cookie
""",
            ),
            (
                "themes.views.theme_edit.edit_theme",
                """@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@require_device_cookie
""",
            ),
            (
                "themes.views.theme_edit.delete_theme",
                """@never_cache
@require_POST
@require_device_cookie
""",
            ),
            (
                "themes.views.theme_edit.restore_theme",
                """@never_cache
@require_POST
@require_device_cookie
""",
            ),
            (
                "themes.views.theme_json.edit_json",
                """@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@require_device_cookie
""",
            ),
        )
    ),
    mutation(
        "The form that brings a file carries a token.",
        "themes/views/theme_list.py",
        {"@csrf_protect\n": ""},
        f"{WRITING}::test_cross_site_writes_are_rejected",
        f"{PAGES}::TestStrangers::test_forms_of_other_sites_are_refused",
    ),
    *(
        mutation(
            f"The form of {view} carries a token.",
            "accounts/urls.py",
            {
                'app_name = "accounts"': (
                    'from django.views.decorators.csrf import csrf_exempt as let_in\n\napp_name = "accounts"'
                ),
                f"{view}.as_view()": f"let_in({view}.as_view())",
            },
            f"{WRITING}::test_only_listed_views_are_csrf_exempt",
            f"{WRITING}::test_cross_site_writes_are_rejected",
        )
        for view in (
            "auth.SignUp",
            "auth.SignIn",
            "auth.SignOut",
            "account.Password",
            "account.Sessions",
            "account.Delete",
            "second_factor.SecondFactor",
        )
    ),
    mutation(
        "What the admin asks its server carries a token.",
        "themes/admin/files.py",
        {
            "    def fix_view(": (
                "    from django.views.decorators.csrf import csrf_exempt as let_in\n\n    @let_in\n    def fix_view("
            )
        },
        f"{WRITING}::test_cross_site_writes_are_rejected",
    ),
]

OTHER_SITES = [
    mutation(
        "What works without cookies is refused to pages of other sites.",
        "core/same_site.py",
        {'in ("cross-site", "same-site")': "in ()"},
        f"{WRITING}::test_cross_site_requests_without_cookies_are_rejected",
        f"{API}::test_pages_of_other_sites_are_refused",
    ),
    mutation(
        "And to those of our neighbors.",
        "core/same_site.py",
        {'in ("cross-site", "same-site")': 'in ("cross-site",)'},
        f"{WRITING}::test_cross_site_requests_without_cookies_are_rejected",
    ),
    mutation(
        "And by their Origin, which is all that browsers say without TLS.",
        "core/same_site.py",
        {'return origin is not None and not is_same_origin(origin, request.headers.get("Host", ""))': "return False"},
        f"{VIEWS}::test_cross_site_forms_are_rejected",
    ),
    *(
        mutation(
            f"So it is with {what}.",
            file,
            {piece: instead},
            f"{WRITING}::test_cross_site_requests_without_cookies_are_rejected",
        )
        for what, file, piece, instead in (
            ("the API", "synthesis/api/views.py", "@same_site_only\nasync def speech", "async def speech"),
            ("the plain form", "terminal/views.py", "@same_site_only\n@require_http", "@require_http"),
            ("saving", "terminal/views.py", "@same_site_only\n@require_POST", "@require_POST"),
            ("reading themes", "themes/urls.py", "same_site_only(api.import_file)", "api.import_file"),
            ("writing themes", "themes/urls.py", "same_site_only(api.export_file)", "api.export_file"),
            (
                "mending themes",
                "themes/urls.py",
                "same_site_only(api.fix_contrast_of_theme)",
                "api.fix_contrast_of_theme",
            ),
        )
    ),
]

REST = [
    mutation(
        "Requests of an address are bounded before Django.",
        "project/server/request_limiter.py",
        {"elif not self.buckets.consume(scope, _cost(path)):": "elif False:"},
        f"{REQUESTS}::test_too_many_are_refused_and_others_are_not",
    ),
    mutation(
        "A few requests are answered at a time, so that speech is not late for them.",
        "project/server/request_limiter.py",
        {"await self._in_turn(": "await self._application("},
        f"{REQUESTS}::test_concurrent_pages_are_bounded_and_speech_is_exempt",
    ),
    mutation(
        "So they are on the way that is served.",
        "project/asgi.py",
        {'"http": requests,': '"http": http,'},
        f"{REQUESTS}::test_the_asgi_application_uses_it",
    ),
    mutation(
        "Text becomes no script: Trusted Types are left out in the admin alone.",
        "project/security/csp.py",
        {'if request.resolver_match is not None and request.resolver_match.app_name == "admin":': "if True:"},
        f"{HEADERS}::test_text_never_becomes_script",
    ),
    mutation(
        "All other directives hold in the admin too.",
        "project/security/csp.py",
        {'"trusted-types": None}': '"trusted-types": None, "script-src": None}'},
        f"{HEADERS}::test_nothing_but_our_own",
    ),
    mutation(
        "What is no page may do nothing, should it be opened as one.",
        "project/security/headers.py",
        {"""= {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}""": "= {}"},
        f"{HEADERS}::test_files_get_a_csp_without_sources",
    ),
    mutation(
        "No other site embeds what we send.",
        "project/security/headers.py",
        {'COMMON_HEADERS = {"Cross-Origin-Resource-Policy": "same-origin"}': "COMMON_HEADERS = {}"},
        f"{HEADERS}::test_every_response_has_the_security_headers",
    ),
    mutation(
        "What runs in the page does not use the device.",
        "project/security/headers.py",
        {'", ".join(f"{feature}=()" for feature in DISABLED_FEATURES)': '""'},
        f"{HEADERS}::test_nothing_but_our_own",
    ),
    mutation(
        "Settings that would weaken the pages are looked for at all.",
        "project/apps.py",
        {
            "import checks, data_dir_permissions  # noqa: F401 - checks registers itself": (
                "import data_dir_permissions"
            ),
        },
        f"{CHECKS}::test_a_failed_check_prevents_the_start",
    ),
    mutation(
        "Templates write text as text.",
        "templates/themes/theme-edit.html",
        {"<h2>{{ own.theme.name }}": "<h2>{{ own.theme.name|safe }}"},
        f"{PAGES}::TestEditing::test_names_are_escaped",
        f"{FORBIDDEN}::test_pages",
    ),
    mutation(
        "Scripts write text as text.",
        "static/js/ui/dom.js",
        {"node.textContent = text": "node.innerHTML = text"},
        f"{FORBIDDEN}::test_pages",
    ),
    mutation(
        "Reports are limited in rate.",
        "project/security/csp_reports.py",
        {"if is_ratelimited(": "if False and is_ratelimited("},
        f"{REPORTS}::test_too_many_are_refused",
    ),
    mutation(
        "Reports are limited in size.",
        "project/security/csp_reports.py",
        {
            " if length <= MAX_REPORT_BYTES else None": "",
            "if len(body) > MAX_REPORT_BYTES:": "if False:",
            "REPORT_BYTES + 1": "",
        },
        f"{REPORTS}::test_a_large_one_is_refused",
    ),
    mutation(
        "Reports are counted.",
        "project/security/csp_reports.py",
        {"VIOLATIONS[directive] += 1": "pass"},
        f"{REPORTS}::test_both_report_formats_are_counted",
    ),
    mutation(
        "No path leads to a file that is not served.",
        "project/urls_public.py",
        {
            'path("csp-report", csp_report),': (
                'path("csp-report", csp_report),\n'
                '    path("static/<path:name>", lambda _, name: HttpResponse((STATIC / name).read_bytes())),'
            ),
            "urlpatterns = [": (
                "from pathlib import Path\n\nfrom django.http import HttpResponse\n\n"
                'STATIC = Path(__file__).parents[1] / "static"\nurlpatterns = ['
            ),
        },
        f"{WIRE}::TestSmuggling::test_paths_lead_nowhere_else",
    ),
    mutation(
        "Reports come a few at a time.",
        "project/security/csp_reports.py",
        {"if not 0 < len(listed) <= 10 or": "if not 0 < len(listed) or"},
        f"{REPORTS}::test_invalid_reports_are_rejected",
    ),
    mutation(
        "Reports are counted by directives that there are.",
        "project/security/csp_reports.py",
        {'directive if directive in KNOWN_DIRECTIVES else "other"': "directive"},
        f"{REPORTS}::test_client_text_is_not_logged",
    ),
    mutation(
        "Nothing of a report's text is logged.",
        "project/security/csp_reports.py",
        {'return f"a {scheme} URL" if': "return blocked if"},
        f"{REPORTS}::test_client_text_is_not_logged",
    ),
    mutation(
        "What is no report is refused, however deep.",
        "project/security/csp_reports.py",
        {"except (ValueError, RecursionError, RequestDataTooBig):": "except RequestDataTooBig:"},
        f"{REPORTS}::test_invalid_reports_are_rejected",
    ),
    mutation(
        "A body that says it is too large is refused at once.",
        "project/server/daphne_http.py",
        {"length is not None and length > MAX_BODY_BYTES": "False"},
        f"{WIRE}::TestBodies::test_a_large_content_length_is_rejected_at_once",
    ),
    mutation(
        "A body that does not say is refused when it is too large.",
        "project/server/daphne_http.py",
        {"if self._received > MAX_BODY_BYTES:": "if False:"},
        f"{WIRE}::TestBodies::test_a_large_chunked_body_is_rejected",
    ),
    mutation(
        "Bodies are bounded on the way that is served.",
        "project/management/commands/serve.py",
        {"daphne.server.HTTPFactory = LimitedHTTPFactory": "str(LimitedHTTPFactory)"},
        f"{WIRE}::TestBodies::test_a_large_chunked_body_is_rejected",
    ),
    mutation(
        "Headers end at 16 KB.",
        "project/server/daphne_http.py",
        {"protocol.requestFactory": "protocol._channel.totalHeadersSize = 10**9\n        protocol.requestFactory"},
        f"{WIRE}::TestBodies::test_large_headers_are_rejected",
    ),
    mutation(
        "What two servers might read as two requests is refused: lengths.",
        "project/server/daphne_http.py",
        {
            "protocol.requestFactory = ": (
                "protocol._channel._maybeChooseTransferDecoder = lambda header, data: True\n"
                "        protocol.requestFactory = "
            )
        },
        f"{WIRE}::TestSmuggling::test_it_is_refused",
    ),
    mutation(
        "What two servers might read as two requests is refused: codings.",
        "project/server/daphne_http.py",
        {"if [encoding.lower() for encoding in encodings] not in": "if [] not in"},
        f"{WIRE}::TestSmuggling::test_it_is_refused",
    ),
    mutation(
        "A theme's file in a form is refused by its length, before any of it is read.",
        "themes/views/api.py",
        {"announced.isdecimal() and int(announced) > limit": "False"},
        f"{TOOLS}::test_a_body_announced_as_too_large_is_not_read",
    ),
    mutation(
        "Of a body without a length no more is read than a theme may have.",
        "themes/views/api.py",
        {"return request.read(MAX_THEME_BYTES + 1)": "return request.read()"},
        f"{TOOLS}::test_an_unannounced_body_is_read_up_to_the_limit",
    ),
    mutation(
        "A theme's file without scripts is refused by its length.",
        "themes/views/theme_list.py",
        {'int(request.META.get("CONTENT_LENGTH") or 0) > MAX_THEME_BYTES + _FORM_OVERHEAD_BYTES': "False"},
        f"{PAGES}::TestMaking::test_a_file_that_is_too_large_is_not_read",
    ),
    mutation(
        "A file's name is plain.",
        "themes/views/api.py",
        {"slugify(theme.name) or 'theme'": "theme.name"},
        f"{TOOLS}::test_a_file_name_is_a_slug",
    ),
]

MUTATIONS: list[Mutation] = [*POLICY, *MIDDLEWARE, *SETTINGS, *WATCHED, *TOKENS, *OTHER_SITES, *REST]
