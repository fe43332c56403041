"""Controls of the dialects: other sites, sessions, settings, tokens, files."""

from tests.mutation.mutation import mutation

ELEVENLABS = "tests/synthesis/api/dialects/test_elevenlabs.py"
SERVERS = "tests/synthesis/api/dialects/test_servers.py"
WYOMING = "tests/synthesis/api/dialects/test_wyoming.py"

MUTATIONS = [
    mutation(
        "Pages of other sites cannot speak through a dialect that speaks for GET.",
        "core/api/views.py",
        {"if request.method not in safe and is_cross_site": 'if request.method not in ("GET",) and is_cross_site'},
        f"{SERVERS}::test_pages_of_other_sites_cannot_speak",
    ),
    mutation(
        "A link in a page cannot speak through a dialect for the user of the browser.",
        "synthesis/api/dialects/views.py",
        {"    ignore_session(request)\n    client": "    client"},
        f"{SERVERS}::test_the_session_of_a_browser_does_not_speak",
    ),
    mutation(
        "A disabled dialect answers no request.",
        "synthesis/api/dialects/views.py",
        {"    if dialect not in settings.API_DIALECTS:": "    if False:"},
        f"{ELEVENLABS}::test_a_disabled_dialect",
    ),
    mutation(
        "The key of ElevenLabs' clients is checked as a token.",
        "core/api/access.py",
        {' or request.headers.get("xi-api-key", "").strip()': ""},
        f"{ELEVENLABS}::test_the_key_is_a_token",
    ),
    mutation(
        "Coqui's dialect takes no file or address as a voice.",
        "synthesis/api/dialects/coqui.py",
        {"        if fields[name]:": "        if False:"},
        f"{SERVERS}::test_errors_of_coqui",
    ),
    mutation(
        "A form has a bounded number of parameters.",
        "synthesis/api/dialects/fields.py",
        {", max_num_fields=MAX_FIELDS": ""},
        f"{SERVERS}::test_errors_of_coqui",
    ),
    mutation(
        "An error closes the websocket of ElevenLabs' dialect.",
        "synthesis/api/dialects/elevenlabs/socket.py",
        {"            await self.close(INVALID_REQUEST)": "            pass"},
        f"{ELEVENLABS}::test_an_invalid_message_closes_the_socket",
    ),
    mutation(
        "Visitors on other machines cannot speak over the Wyoming protocol.",
        "synthesis/api/dialects/wyoming/connection.py",
        {" and is_loopback(self._address)": ""},
        f"{WYOMING}::test_visitors_of_other_machines_cannot_speak",
    ),
    mutation(
        "A Wyoming client cannot make the server buffer as much as it announces.",
        "synthesis/api/dialects/wyoming/events.py",
        {"not 0 <= size <= MAX_BYTES": "size < 0"},
        f"{WYOMING}::test_invalid_events",
    ),
    mutation(
        "The connections of a Wyoming client are counted.",
        "synthesis/api/dialects/wyoming/connection.py",
        {"async with limiter.connection_slot(self.subject, self.subject.key, policy):": "if limiter and policy:"},
        f"{WYOMING}::test_connections_are_limited",
    ),
    mutation(
        "A Wyoming server has a bounded number of connections.",
        "synthesis/api/dialects/wyoming/server.py",
        {"if len(self._tasks) >= MAX_CONNECTIONS:": "if False:"},
        f"{WYOMING}::test_all_connections_together_are_bounded",
    ),
    mutation(
        "An idle Wyoming client is disconnected.",
        "synthesis/api/dialects/wyoming/connection.py",
        {"async with asyncio.timeout(IDLE_S):\n                event": "if True:\n                event"},
        f"{WYOMING}::test_an_idle_client_is_disconnected",
    ),
]
