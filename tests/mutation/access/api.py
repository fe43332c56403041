"""Controls of the HTTP API: tokens, visitors, pages of other origins, disconnects."""

from tests.mutation.mutation import mutation

ACCESS = "tests/synthesis/api/test_access.py"
DISCONNECTS = "tests/synthesis/api/test_disconnects.py"
FORMATS = "tests/synthesis/api/test_formats.py"
SETTINGS = "tests/project/test_settings.py"
TOKENS = "tests/accounts/test_tokens.py"

MUTATIONS = [
    mutation(
        "Of a token's secret, only a hash is stored.",
        "accounts/tokens.py",
        {"return hashlib.sha256(secret.encode()).hexdigest()": "return secret"},
        f"{TOKENS}::test_a_token_is_shown_once_and_stored_as_a_hash",
    ),
    mutation(
        "An expired token is rejected.",
        "accounts/tokens.py",
        {"    if row.has_expired:": "    if False:"},
        f"{ACCESS}::test_expired_revoked_and_wrongly_scoped_tokens",
    ),
    mutation(
        "Tokens of deactivated accounts are rejected.",
        "accounts/tokens.py",
        {", user__is_active=True": ""},
        f"{ACCESS}::test_tokens_of_deactivated_accounts_are_rejected",
    ),
    mutation(
        "A token permits only its scopes.",
        "core/api/access.py",
        {"if scope not in token.scopes:": "if False:"},
        f"{ACCESS}::test_expired_revoked_and_wrongly_scoped_tokens",
    ),
    mutation(
        "Only staff can permit a token to read the server's state.",
        "accounts/forms.py",
        {' if name != "admin" or user.is_staff': ""},
        f"{TOKENS}::test_invalid_forms",
    ),
    mutation(
        "Users revoke only their own tokens.",
        "accounts/tokens.py",
        {"ApiToken.objects.filter(user=user, pk=uuid.UUID(name))": "ApiToken.objects.filter(pk=uuid.UUID(name))"},
        f"{TOKENS}::test_a_token_is_revoked",
    ),
    mutation(
        "An account has a bounded number of tokens.",
        "accounts/forms.py",
        {"if len(tokens.list_tokens(self._user)) >= tokens.MAX_TOKENS:": "if False:"},
        f"{TOKENS}::test_an_account_has_a_bounded_number_of_tokens",
    ),
    mutation(
        "Staff cannot create a token for another account.",
        "accounts/admin.py",
        {
            '"""Return ``False``: a staff member who created a token for another account could act in its name."""\n'
            "        return False": "return True"
        },
        f"{TOKENS}::test_the_admin_lists_and_revokes_tokens_of_others_but_makes_none",
    ),
    mutation(
        "A token's own limits are enforced.",
        "synthesis/limits/rate_limiter.py",
        {"        await self._charge_token(subject, characters)\n": ""},
        f"{ACCESS}::test_own_limits_of_a_token",
    ),
    mutation(
        "Visitors of other machines need a token.",
        "synthesis/api/access.py",
        {"        require_account(caller)": "        pass"},
        f"{ACCESS}::test_visitors_need_a_token_unless_the_policy_admits_them",
        f"{ACCESS}::test_a_token_is_required",
    ),
    mutation(
        "The API's websocket needs the same permission as its requests.",
        "synthesis/api/socket.py",
        {
            "self._client: SpeechClient = await open_client(self._request())": (
                "self._client: SpeechClient = await runtime.get_runtime().gateway.open("
                "__import__('core').limits.subjects.subject_for(None, None))"
            )
        },
        "tests/synthesis/api/test_socket.py::test_a_token_or_permission_is_needed",
    ),
    mutation(
        "An unfinished thought on the API's websocket takes neither memory nor time.",
        "synthesis/text/incremental.py",
        {"thought[1][-_END_PREFIX:]": "thought[1]"},
        "tests/synthesis/text/test_incremental.py::test_an_unfinished_thought_is_not_held",
    ),
    mutation(
        "A client of the API's websocket without quota causes no normalization.",
        "synthesis/api/socket.py",
        {"            await self._client.require_quota()\n": ""},
        "tests/synthesis/api/test_socket.py::test_no_text_is_read_without_quota",
    ),
    mutation(
        "A client of the API's websocket cannot queue text without bound.",
        "synthesis/api/growing_text.py",
        {"if self._parts.qsize() >= MAX_WAITING:": "if False:"},
        "tests/synthesis/api/test_socket.py::test_waiting_text_is_bounded",
    ),
    mutation(
        "Behind a configured proxy, no visitor counts as a program on this machine.",
        "core/api/access.py",
        {"    if settings.BEHIND_TLS_PROXY or settings.TRUSTED_PROXIES:": "    if False:"},
        f"{ACCESS}::test_no_client_counts_as_local_behind_a_proxy",
    ),
    mutation(
        "A request with a proxy's headers does not count as one of a program on this machine.",
        "project/server/trusted_proxies.py",
        {'"forwarded": len(kept) < len(headers)': '"forwarded": False'},
        f"{ACCESS}::test_a_request_with_proxy_headers_is_not_local",
    ),
    mutation(
        "Under a host name other than loopback, no visitor counts as a program on this machine.",
        "core/api/access.py",
        {" and host in settings.LOCAL_HOST_NAMES": ""},
        f"{ACCESS}::test_another_host_name_is_not_local",
    ),
    mutation(
        "Pages of origins that are not allowed cannot use the API.",
        "core/api/cors.py",
        {'request.headers.get("Origin", "") in settings.API_CORS_ORIGINS': "bool(settings.API_CORS_ORIGINS)"},
        f"{ACCESS}::test_pages_of_other_origins",
        f"{ACCESS}::test_the_preflight",
    ),
    mutation(
        "A page of an allowed origin does not act as the user of the browser.",
        "core/api/access.py",
        {' if "Origin" not in request.headers or _is_own(request) else None': ""},
        f"{ACCESS}::test_an_allowed_page_does_not_act_as_the_user",
    ),
    mutation(
        "A wildcard in API_CORS_ORIGINS stops the start.",
        "project/security/origins.py",
        {"        if not _ORIGIN.fullmatch(origin):": "        if False:"},
        f"{SETTINGS}::test_cors_origins_are_origins",
    ),
    mutation(
        "With BEHIND_TLS_PROXY, a token sent over plain HTTP is rejected without a redirect.",
        "project/api_middleware.py",
        {"if settings.SECURE_SSL_REDIRECT and not request.is_secure():": "if False:"},
        f"{ACCESS}::test_plain_http_is_refused_behind_tls",
    ),
    mutation(
        "The API accepts hosts in ALLOWED_HOSTS only.",
        "project/api_middleware.py",
        {"        request.get_host()\n": "        pass\n"},
        f"{ACCESS}::test_other_hosts_get_json",
    ),
    mutation(
        "The log of a failed API request has no line breaks of the client.",
        "project/api_middleware.py",
        {"the API failed on %r": "the API failed on %s"},
        f"{ACCESS}::test_a_fault_is_logged_without_the_line_breaks_of_the_path",
    ),
    mutation(
        "A client that disconnects stops its synthesis.",
        "project/api_handler.py",
        {"return_when=asyncio.FIRST_COMPLETED": "return_when=asyncio.ALL_COMPLETED"},
        f"{DISCONNECTS}::test_a_disconnect_before_the_first_audio",
    ),
    mutation(
        "The utterance of a disconnected client is stopped, not left to the garbage collector.",
        "synthesis/api/streaming.py",
        {
            "        await self._parts.aclose()\n": "        await asyncio.sleep(0)\n",
            "        await self._events.aclose()\n": "",
        },
        f"{DISCONNECTS}::test_a_disconnect_stops_synthesis_and_frees_the_slots",
    ),
    mutation(
        "A stream holds no thread while its client does not read.",
        "synthesis/audio/encoders.py",
        {'if not first or not hasattr(os, "sched_setaffinity"):': "if True:"},
        f"{FORMATS}::test_encoders_start_no_threads",
    ),
    mutation(
        "An open stream socket ends with its token.",
        "synthesis/api/socket.py",
        {"            await self._check_permission()\n": "            pass\n"},
        "tests/synthesis/api/test_socket.py::test_a_revoked_token_ends_the_connection",
    ),
]
"""Every control of this kind."""
