"""Controls of logs and metrics."""

from tests.mutation.mutation import mutation

CORRELATION = "tests/monitoring/test_correlation.py"

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
        {'"sign-in", outcome="failed")': '"sign-in", outcome="failed", account=str(kwargs["credentials"]))'},
        f"{CORRELATION}::test_a_sign_in_has_the_id_and_no_name",
    ),
]
