"""Controls that apply the end of a session to the sockets that it opened."""

from tests.mutation.mutation import mutation

REVOCATION = "tests/terminal/test_revocation.py"
IN_FLIGHT = f"{REVOCATION}::test_a_handshake_in_flight_does_not_survive_the_end_of_its_session"

MUTATIONS = [
    mutation(
        "A socket checks its session again after it has subscribed, so that no handshake survives the session's end.",
        "terminal/socket/theme_session.py",
        {
            "snapshot_cache.read(self._who, self._credential.check)": "snapshot_cache.read(self._who)",
            "        self._credential.check()\n        return current": "        return current",
        },
        IN_FLIGHT,
        f"{REVOCATION}::test_a_resync_closes_the_socket_of_an_ended_session",
    ),
    mutation(
        "A socket is closed if its session ended during the handshake.",
        "terminal/socket/consumer.py",
        {"await self.accept()\n            await self._end()": "await self.accept()"},
        IN_FLIGHT,
    ),
    mutation(
        "A socket that sends no pings has its session checked too.",
        "terminal/socket/consumer.py",
        {"if self._theme_session.renewal_due(asked=False):": "if False:"},
        f"{REVOCATION}::test_a_socket_without_pings_is_also_checked",
    ),
    mutation(
        "A theme is saved in the transaction in which the session was checked.",
        "terminal/socket/theme_session.py",
        {"partial(self._credential.do_while_valid, self._command_for(message))": "self._command_for(message)"},
        f"{REVOCATION}::test_nothing_is_saved_after_the_end_of_a_session",
    ),
    mutation(
        "Themes of a user are listed after the session is checked.",
        "terminal/socket/theme_session.py",
        {"await self.check()\n        themes =": "themes ="},
        f"{REVOCATION}::test_nothing_is_listed_after_the_end_of_a_session",
    ),
    mutation(
        "A signed-out session is deleted before its sockets are notified.",
        "themes/receivers.py",
        {"request.session.delete(request.session.session_key)": "pass"},
        f"{REVOCATION}::test_a_session_is_deleted_before_its_sockets_are_notified",
    ),
    mutation(
        "A sign-out closes the sockets that a copy of the session cookie opened in other browsers.",
        "themes/receivers.py",
        {"notifications.session_check(Identity(visitor.device, user.pk))": "pass"},
        f"{REVOCATION}::test_sign_out_closes_sockets_that_use_a_copied_cookie",
    ),
    mutation(
        "A sign-in ends the handshakes of the visitor whose themes it took.",
        "themes/receivers.py",
        {
            "# shown by the next page\n    identity.retire(visitor.device)": "# shown by the next page",
        },
        f"{REVOCATION}::test_a_visitors_handshake_does_not_survive_the_sign_in_that_took_the_themes",
    ),
    mutation(
        "Deleting an account closes its sockets, in the admin too.",
        "accounts/receivers.py",
        {"@receiver(pre_delete, sender=User)\n": ""},
        f"{REVOCATION}::test_an_open_socket_is_closed_at_once",
    ),
    *(
        mutation(
            f"A socket's session holds no longer than a page's: {what}.",
            "themes/owners/authentication.py",
            {piece: instead},
            IN_FLIGHT,
        )
        for what, piece, instead in (
            ("until it expires", ", expire_date__gt=timezone.now()", ""),
            ("while the account is active", ", is_active=True", ""),
        )
    ),
]
"""Every control of this kind; each is claimed in SECURITY.md under the socket."""
