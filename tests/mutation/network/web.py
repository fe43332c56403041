"""Controls of HTTP: CSP, headers, CSRF, request limits and parsing."""

from tests.mutation.mutation import Mutation, mutation

CHECKS = "tests/project/test_checks.py"
HEADERS = "tests/project/security/test_headers.py"
REPORTS = "tests/project/security/test_csp_reports.py"
WRITING = "tests/project/security/test_csrf_coverage.py"
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
        for name in (
            "script-src",
            "style-src",
            "connect-src",
            "img-src",
            "media-src",
            "worker-src",
            "manifest-src",
            "form-action",
        )
    ),
    *(f'"{name}": [NONE],' for name in ("default-src", "frame-ancestors", "base-uri")),
    '"trusted-types": [WORKER_POLICY],',
    '"require-trusted-types-for": ["\'script\'"],',
    '"report-uri": ["/csp-report"],',
)
POLICY = [
    mutation(
        f"The CSP of every page has {line}",
        "project/security/csp.py",
        {line: ""},
        f"{HEADERS}::test_the_complete_csp",
    )
    for line in LINES
]

MIDDLEWARE = [
    mutation(f"Every response passes through {name}.", "project/settings.py", {f'    "{name}",\n': ""}, *red)
    for name, *red in (
        ("csp.middleware.CSPMiddleware", f"{HEADERS}::test_the_csp_allows_only_same_origin_resources"),
        (
            "project.security.headers.security_headers_middleware",
            f"{HEADERS}::test_every_response_has_the_security_headers",
        ),
        ("django.middleware.security.SecurityMiddleware", f"{HEADERS}::test_every_response_has_the_security_headers"),
        (
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
            f"{HEADERS}::test_every_response_has_the_security_headers",
        ),
        ("project.security.csrf.OriginAwareCsrfMiddleware", f"{WRITING}::test_cross_site_writes_are_rejected"),
        ("django.middleware.common.CommonMiddleware", f"{HEADERS}::test_other_hosts_are_rejected"),
    )
]
FIRST = '    "django.middleware.security.SecurityMiddleware",\n'
MIDDLEWARE += [
    mutation(
        f"HTTPS redirects pass through {name} too.",
        "project/settings.py",
        {FIRST: "", f'    "{name}",\n': f'{FIRST}    "{name}",\n'},
        f"{HEADERS}::test_middleware_responses_have_the_headers",
    )
    for name in ("csp.middleware.CSPMiddleware", "django.middleware.clickjacking.XFrameOptionsMiddleware")
]

ASSETS = "tests/server/test_page_weight.py::TestFirstVisit::test_only_scripts_and_styles_lack_the_headers_of_documents"
MIDDLEWARE.append(
    mutation(
        "Of the static files, only scripts and style sheets lack the headers of documents.",
        "project/security/headers.py",
        {"if content_type.startswith(ASSET_TYPES) and ": "if "},
        ASSETS,
    )
)

SETTINGS = [
    mutation(claim, "project/settings.py", {line: instead}, *red)
    for claim, line, instead, *red in (
        (
            "MIME sniffing is disabled.",
            "SECURE_CONTENT_TYPE_NOSNIFF = True",
            "SECURE_CONTENT_TYPE_NOSNIFF = False",
            f"{HEADERS}::test_every_response_has_the_security_headers",
        ),
        (
            "The Referer header is not sent to other sites.",
            'SECURE_REFERRER_POLICY = "same-origin"',
            'SECURE_REFERRER_POLICY = "unsafe-url"',
            f"{HEADERS}::test_every_response_has_the_security_headers",
        ),
        (
            "Windows of other sites have no access to the page (Cross-Origin-Opener-Policy).",
            'SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"',
            "SECURE_CROSS_ORIGIN_OPENER_POLICY = None",
            f"{HEADERS}::test_every_response_has_the_security_headers",
        ),
        (
            "Other sites cannot frame a page, also in browsers without CSP (clickjacking).",
            'X_FRAME_OPTIONS = "DENY"',
            'X_FRAME_OPTIONS = "SAMEORIGIN"',
            f"{HEADERS}::test_every_response_has_the_security_headers",
        ),
        (
            "Other origins cannot load static files.",
            "WHITENOISE_ALLOW_ALL_ORIGINS = False",
            "WHITENOISE_ALLOW_ALL_ORIGINS = True",
            ASSETS,
        ),
        (
            "Behind TLS, responses have an HSTS header.",
            "SECURE_HSTS_SECONDS = 365 * 86400 if BEHIND_TLS_PROXY else 0",
            "SECURE_HSTS_SECONDS = 0",
            f"{CHECKS}::test_the_production_settings_have_no_warnings",
        ),
        (
            "Behind TLS, plain HTTP requests are redirected to HTTPS.",
            "SECURE_SSL_REDIRECT = BEHIND_TLS_PROXY",
            "SECURE_SSL_REDIRECT = False",
            f"{CHECKS}::test_the_production_settings_have_no_warnings",
        ),
        (
            "Behind TLS, cookies have the Secure attribute.",
            "SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS_PROXY",
            "SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False",
            f"{CHECKS}::test_the_production_settings_have_no_warnings",
        ),
        (
            "The session cookie is HttpOnly.",
            "SESSION_COOKIE_HTTPONLY = CSRF",
            "SESSION_COOKIE_HTTPONLY = False\nCSRF",
            f"{CHECKS}::test_the_default_settings_pass_the_checks",
        ),
        (
            "The CSRF cookie is HttpOnly.",
            "= CSRF_COOKIE_HTTPONLY = True",
            "= True",
            f"{HEADERS}::test_cookies_are_http_only",
        ),
        (
            "The session cookie has the SameSite attribute (CSRF).",
            'SESSION_COOKIE_SAMESITE = "Lax"',
            'SESSION_COOKIE_SAMESITE = "None"',
            f"{CHECKS}::test_the_default_settings_pass_the_checks",
        ),
        (
            "Unlisted hosts are rejected (DNS rebinding).",
            '["localhost", "127.0.0.1", "[::1]"]',
            '["*"]',
            f"{CHECKS}::test_the_default_settings_pass_the_checks",
        ),
        (
            "The size of a form is limited to 256 KB.",
            "DATA_UPLOAD_MAX_MEMORY_SIZE = registry.MAX_FORM_BYTES.default",
            "DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024 * 1024",
            f"{API}::test_a_body_too_large",
        ),
    )
]

WATCHED = [
    mutation(f"A system check prevents the start {when}.", "project/checks.py", {piece: instead}, f"{CHECKS}::{red}")
    for when, piece, instead, red in (
        (
            "if a security middleware is missing",
            "if name not in settings.MIDDLEWARE:",
            "if False:",
            "test_weakened_settings_are_errors",
        ),
        (
            "if a CSP directive is missing",
            "if name not in directives:",
            "if False:",
            "test_weakened_settings_are_errors",
        ),
        (
            "if a CSP directive allows other sources",
            "if source not in allowed:",
            "if False:",
            "test_weakened_settings_are_errors",
        ),
        (
            "if the CSP excludes paths",
            'if in_force.get("EXCLUDE_URL_PREFIXES"):',
            "if False:",
            "test_weakened_settings_are_errors",
        ),
        (
            "if the session cookie is not HttpOnly",
            "not settings.SESSION_COOKIE_HTTPONLY or ",
            "",
            "test_weakened_settings_are_errors",
        ),
        (
            "if the session cookie is sent with cross-site requests",
            ' or settings.SESSION_COOKIE_SAMESITE not in ("Lax", "Strict")',
            "",
            "test_weakened_settings_are_errors",
        ),
        (
            "if every host is allowed",
            'if "*" in settings.ALLOWED_HOSTS:',
            "if False:",
            "test_weakened_settings_are_errors",
        ),
        (
            "if every origin is trusted",
            'if "*" in settings.TRUSTED_ORIGINS:',
            "if False:",
            "test_weakened_settings_are_errors",
        ),
        (
            "if every address is a trusted proxy",
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
            f"The form of {place} requires a CSRF token.",
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
        "The form that imports a theme file requires a CSRF token.",
        "themes/views/theme_list.py",
        {"@csrf_protect\n": ""},
        f"{WRITING}::test_cross_site_writes_are_rejected",
        f"{PAGES}::TestOtherUsers::test_cross_site_forms_are_rejected",
    ),
    *(
        mutation(
            f"The form of {view} requires a CSRF token.",
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
        "Background requests of the admin require a CSRF token.",
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
        "Cross-site requests to endpoints without cookies are rejected by Sec-Fetch-Site.",
        "core/web/same_site.py",
        {'in ("cross-site", "same-site")': "in ()"},
        f"{WRITING}::test_cross_site_requests_without_cookies_are_rejected",
        f"{API}::test_pages_of_other_sites_are_refused",
    ),
    mutation(
        "Requests from sibling subdomains to endpoints without cookies are rejected.",
        "core/web/same_site.py",
        {'in ("cross-site", "same-site")': 'in ("cross-site",)'},
        f"{WRITING}::test_cross_site_requests_without_cookies_are_rejected",
    ),
    mutation(
        "Cross-site requests are rejected by Origin, because browsers omit Sec-Fetch-Site without TLS.",
        "core/web/same_site.py",
        {'return origin is not None and not is_same_origin(origin, request.headers.get("Host", ""))': "return False"},
        f"{VIEWS}::test_cross_site_forms_are_rejected",
    ),
    *(
        mutation(
            f"Cross-site requests are rejected: {what}.",
            file,
            {piece: instead},
            f"{WRITING}::test_cross_site_requests_without_cookies_are_rejected",
        )
        for what, file, piece, instead in (
            ("the API", "core/api/views.py", "and is_cross_site(request)", "and False"),
            ("the form without JavaScript", "terminal/views.py", "@same_site_only\n@require_http", "@require_http"),
            ("downloading a recording", "terminal/views.py", "@same_site_only\n@require_POST", "@require_POST"),
            ("importing themes", "themes/urls.py", "same_site_only(api.import_file)", "api.import_file"),
            ("exporting themes", "themes/urls.py", "same_site_only(api.export_file)", "api.export_file"),
            (
                "fixing the contrast of themes",
                "themes/urls.py",
                "same_site_only(api.fix_contrast_of_theme)",
                "api.fix_contrast_of_theme",
            ),
        )
    ),
]

REST = [
    mutation(
        "Requests are rate limited by address before they reach Django.",
        "project/server/request_limiter.py",
        {"if not buckets.consume(scope, _cost(path)):": "if False:"},
        f"{REQUESTS}::test_requests_over_the_limit_are_rejected_per_address",
    ),
    mutation(
        "Health probes are rate limited by address.",
        "project/server/request_limiter.py",
        {"buckets = self.probe_buckets if path in PROBE_PATHS else self.buckets\n": "buckets = self.buckets\n"},
        f"{REQUESTS}::test_health_probes_have_a_bucket_of_their_own",
    ),
    mutation(
        "Concurrent page requests are limited, so that they do not delay speech.",
        "project/server/request_limiter.py",
        {"await self._in_turn(": "await self._application("},
        f"{REQUESTS}::test_concurrent_pages_are_bounded_and_speech_is_exempt",
    ),
    mutation(
        "The served application limits page requests.",
        "project/asgi.py",
        {'"http": requests,': '"http": http,'},
        f"{REQUESTS}::test_the_asgi_application_limits_requests",
    ),
    mutation(
        "Trusted Types are required on every page except in the admin.",
        "project/security/csp.py",
        {'if request.resolver_match is not None and request.resolver_match.app_name == "admin":': "if True:"},
        f"{HEADERS}::test_text_never_becomes_script",
    ),
    mutation(
        "All other CSP directives apply in the admin too.",
        "project/security/csp.py",
        {'"trusted-types": None}': '"trusted-types": None, "script-src": None}'},
        f"{HEADERS}::test_the_csp_allows_only_same_origin_resources",
    ),
    mutation(
        "Responses other than pages have a CSP without sources.",
        "project/security/headers.py",
        {"""= {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}""": "= {}"},
        f"{HEADERS}::test_files_get_a_csp_without_sources",
    ),
    mutation(
        "Other sites cannot embed responses (Cross-Origin-Resource-Policy).",
        "project/security/headers.py",
        {'COMMON_HEADERS = {"Cross-Origin-Resource-Policy": "same-origin"}': "COMMON_HEADERS = {}"},
        f"{HEADERS}::test_every_response_has_the_security_headers",
    ),
    mutation(
        "Device features are disabled (Permissions-Policy).",
        "project/security/headers.py",
        {'", ".join(f"{feature}=()" for feature in DISABLED_FEATURES)': '""'},
        f"{HEADERS}::test_the_csp_allows_only_same_origin_resources",
    ),
    mutation(
        "The system checks of security settings are registered.",
        "project/apps.py",
        {
            "import checks, data_dir_permissions  # noqa: F401 - checks registers itself": (
                "import data_dir_permissions"
            ),
        },
        f"{CHECKS}::test_a_failed_check_prevents_the_start",
    ),
    mutation(
        "Templates escape text (XSS).",
        "templates/themes/theme-edit.html",
        {"<h2>{{ own.theme.name }}": "<h2>{{ own.theme.name|safe }}"},
        f"{PAGES}::TestEditing::test_names_are_escaped",
        f"{FORBIDDEN}::test_pages_use_no_forbidden_construct",
    ),
    mutation(
        "Scripts insert text as text, not as HTML (XSS).",
        "static/js/ui/dom.js",
        {"node.textContent = text": "node.innerHTML = text"},
        f"{FORBIDDEN}::test_pages_use_no_forbidden_construct",
    ),
    mutation(
        "CSP reports are rate limited.",
        "project/security/csp_reports.py",
        {"if is_ratelimited(": "if False and is_ratelimited("},
        f"{REPORTS}::test_reports_over_the_rate_limit_are_rejected",
    ),
    mutation(
        "The size of a CSP report is limited.",
        "project/security/csp_reports.py",
        {
            " if length <= MAX_REPORT_BYTES else None": "",
            "if len(body) > MAX_REPORT_BYTES:": "if False:",
            "REPORT_BYTES + 1": "",
        },
        f"{REPORTS}::test_a_large_report_is_rejected",
    ),
    mutation(
        "CSP reports are counted.",
        "project/security/csp_reports.py",
        {"VIOLATIONS[directive] += 1": "pass"},
        f"{REPORTS}::test_both_report_formats_are_counted",
    ),
    mutation(
        "Paths cannot reach files outside the static folder (path traversal).",
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
        f"{WIRE}::TestSmuggling::test_path_traversal_is_rejected",
    ),
    mutation(
        "The number of CSP reports per request is limited.",
        "project/security/csp_reports.py",
        {"if not 0 < len(listed) <= 10 or": "if not 0 < len(listed) or"},
        f"{REPORTS}::test_invalid_reports_are_rejected",
    ),
    mutation(
        "CSP reports are counted only by known directives.",
        "project/security/csp_reports.py",
        {'directive if directive in KNOWN_DIRECTIVES else "other"': "directive"},
        f"{REPORTS}::test_client_text_is_not_logged",
    ),
    mutation(
        "The text of a CSP report is not logged.",
        "project/security/csp_reports.py",
        {'return f"a {scheme} URL" if': "return blocked if"},
        f"{REPORTS}::test_client_text_is_not_logged",
    ),
    mutation(
        "Invalid CSP reports are rejected, including deeply nested reports.",
        "project/security/csp_reports.py",
        {"except (ValueError, RecursionError, RequestDataTooBig):": "except RequestDataTooBig:"},
        f"{REPORTS}::test_invalid_reports_are_rejected",
    ),
    mutation(
        "A body with a Content-Length over the limit is rejected immediately.",
        "project/server/daphne_http.py",
        {"length is not None and length > MAX_BODY_BYTES": "False"},
        f"{WIRE}::TestBodies::test_a_large_content_length_is_rejected_at_once",
    ),
    mutation(
        "A chunked body is rejected when it exceeds the limit.",
        "project/server/daphne_http.py",
        {"if self._received > self._most:": "if False:"},
        f"{WIRE}::TestBodies::test_a_large_chunked_body_is_rejected",
    ),
    mutation(
        "The served application limits the size of bodies.",
        "project/management/commands/serve.py",
        {"daphne.server.HTTPFactory = LimitedHTTPFactory": "str(LimitedHTTPFactory)"},
        f"{WIRE}::TestBodies::test_a_large_chunked_body_is_rejected",
    ),
    mutation(
        "The size of the headers is limited to 16 KB.",
        "project/server/daphne_http.py",
        {"protocol.requestFactory": "protocol._channel.totalHeadersSize = 10**9\n        protocol.requestFactory"},
        f"{WIRE}::TestBodies::test_large_headers_are_rejected",
    ),
    mutation(
        "Ambiguous framing is rejected (request smuggling): Content-Length.",
        "project/server/daphne_http.py",
        {
            "protocol.requestFactory = ": (
                "protocol._channel._maybeChooseTransferDecoder = lambda header, data: True\n"
                "        protocol.requestFactory = "
            )
        },
        f"{WIRE}::TestSmuggling::test_ambiguous_framing_is_rejected",
    ),
    mutation(
        "Ambiguous framing is rejected (request smuggling): Transfer-Encoding.",
        "project/server/daphne_http.py",
        {"if [encoding.lower() for encoding in encodings] not in": "if [] not in"},
        f"{WIRE}::TestSmuggling::test_ambiguous_framing_is_rejected",
    ),
    mutation(
        "A theme file over the limit is rejected by its Content-Length before it is read.",
        "themes/views/api.py",
        {"announced.isdecimal() and int(announced) > limit": "False"},
        f"{TOOLS}::test_a_body_announced_as_too_large_is_not_read",
    ),
    mutation(
        "A theme file without a Content-Length is read only up to the limit.",
        "themes/views/api.py",
        {"return request.read(MAX_THEME_BYTES + 1)": "return request.read()"},
        f"{TOOLS}::test_an_unannounced_body_is_read_up_to_the_limit",
    ),
    mutation(
        "A theme file uploaded without JavaScript is rejected by its Content-Length.",
        "themes/views/theme_list.py",
        {'int(request.META.get("CONTENT_LENGTH") or 0) > _MAX_FORM_BYTES': "False"},
        f"{PAGES}::TestCreation::test_a_file_that_is_too_large_is_not_read",
    ),
    mutation(
        "The name of an exported file is a slug.",
        "themes/views/api.py",
        {"slugify(theme.name) or 'theme'": "theme.name"},
        f"{TOOLS}::test_a_file_name_is_a_slug",
    ),
]

MUTATIONS: list[Mutation] = [*POLICY, *MIDDLEWARE, *SETTINGS, *WATCHED, *TOKENS, *OTHER_SITES, *REST]
