"""Controls of the texts that programs send to open tabs."""

from tests.mutation.mutation import mutation

SAY = "tests/terminal/test_say.py"
STORE = "terminal/say/store.py"

MUTATIONS = [
    mutation(
        "A text for open tabs needs a token with the scope say.",
        "terminal/say/api.py",
        {"    if caller.token is None:\n": "    if False:\n"},
        f"{SAY}::test_a_token_with_the_scope_is_needed",
    ),
    mutation(
        "Texts reach, and programs stop, only those of their account.",
        STORE,
        {"SentText.objects.filter(user_id=account, created_at__gte": "SentText.objects.filter(created_at__gte"},
        f"{SAY}::test_texts_reach_no_other_account",
    ),
    mutation(
        "A token reads only its own texts.",
        "terminal/say/api.py",
        {"row.text if str(row.token) == token.id else None": "row.text"},
        f"{SAY}::test_a_token_reads_only_its_own_texts",
    ),
    mutation(
        "A tab whose session has ended takes no texts.",
        "terminal/socket/say_session.py",
        {"partial(self._credential.do_while_valid, work)": "work"},
        f"{SAY}::test_a_tab_whose_session_has_ended_takes_no_texts",
    ),
    mutation(
        "The texts of an account that wait are bounded in number.",
        STORE,
        {".count() >= MAX_TEXTS:": ".count() >= 10_000:"},
        f"{SAY}::test_the_number_of_waiting_texts_is_bounded",
    ),
    mutation(
        "A text is deleted after a day.",
        STORE,
        {"SentText.objects.filter(created_at__lt=timezone.now() - KEPT).delete()": "pass"},
        f"{SAY}::test_a_text_that_waited_too_long_expires",
    ),
    mutation(
        "Texts for open tabs are rate limited.",
        "terminal/say/api.py",
        {
            "    await client.require_quota()\n": "",
            "quota = await client.charge(speech)": "quota = await client.quota()",
        },
        f"{SAY}::test_texts_are_rate_limited",
    ),
    mutation(
        "The client refuses a configuration file with a token that other users can read.",
        "client/src/alphanumeric_client/config.py",
        {"and mode & OTHERS": "and False"},
        "tests/client/test_config.py::test_a_token_that_others_can_read_is_refused",
    ),
    mutation(
        "The client sends its token to no other address (redirects).",
        "client/src/alphanumeric_client/server.py",
        {"timeout=TIMEOUT)": "timeout=TIMEOUT, follow_redirects=True)"},
        "tests/client/test_server.py::test_redirects_are_not_followed",
    ),
    mutation(
        "The configuration of Speech Dispatcher has no names that a shell would interpret.",
        "client/src/alphanumeric_client/speech_dispatcher.py",
        {'if not (UNQUOTABLE | {" "}) & set(name + language):': "if True:"},
        "tests/client/test_speech_dispatcher.py::test_names_that_cannot_be_quoted",
    ),
]
"""Every control of this kind."""
