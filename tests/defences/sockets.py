"""From the browser, or a program, to the socket."""

from tests.defences.defence import defence

ABUSE = "tests/terminal/test_abuse.py"
CONNECTION = "tests/terminal/test_connection.py"
LIMITS = "tests/terminal/test_limits.py"
LOOK = "tests/terminal/test_look.py"
ORIGIN = "tests/terminal/test_origin.py"
PROTOCOL = "tests/terminal/test_protocol.py"
SOCKET = "tests/terminal/test_socket.py"
SNAPSHOTS = "tests/themes/test_snapshots.py"
SPOKEN = "tests/terminal/test_spoken.py"
WIRE = "tests/terminal/test_bodies.py"
VIEWS = "tests/terminal/test_views.py"

DEFENCES = [
    defence(
        "A handshake needs an allowed Host.",
        "terminal/origin.py",
        {"if not validate_host(": "if False and not validate_host("},
        f"{ORIGIN}::test_origins",
    ),
    defence(
        "A handshake needs an Origin that is the same or listed, so that no other site's page speaks in one's name.",
        "synthesis/same_site.py",
        {"return origin in settings.TRUSTED_ORIGINS or _netloc(origin) == host.lower()": "return True"},
        f"{ORIGIN}::test_origins",
    ),
    defence(
        "An origin is one of http or https.",
        "synthesis/same_site.py",
        {"parts.netloc.lower() if parts.scheme in schemes else None": "parts.netloc.lower()"},
        f"{ORIGIN}::test_origins",
    ),
    defence(
        "Where there is TLS, a plain page of the same name is another site's.",
        "synthesis/same_site.py",
        {'("https",) if settings.TLS else ("http", "https")': '("http", "https")'},
        f"{ORIGIN}::test_on_tls_alone_a_plain_page_is_another_site",
    ),
    defence(
        "A handshake that names two hosts or two origins is refused.",
        "terminal/origin.py",
        {"if len(hosts) != 1 or len(origins) > 1:": "if not hosts:"},
        f"{ORIGIN}::test_two_of_a_header_are_refused",
    ),
    defence(
        "Host and origin are looked at on the way that is served.",
        "project/asgi.py",
        {"SameOriginOnly(Cookie": "(Cookie"},
        f"{SOCKET}::test_a_strange_origin_is_refused",
    ),
    defence(
        "Handshakes are limited on the way that is served, without touching the database.",
        "project/asgi.py",
        {'"websocket": socket}': '"websocket": socket._application}'},
        f"{ABUSE}::test_a_flood_of_handshakes_is_answered_without_the_database",
    ),
    defence(
        "Handshakes are limited by address.",
        "terminal/handshakes.py",
        {" or not self.buckets.take(scope)": ""},
        f"{ABUSE}::TestHandshakes::test_too_many_are_denied_and_others_are_not",
    ),
    defence(
        "Of IPv6 a customer's whole network has one allowance of handshakes.",
        "terminal/buckets.py",
        {'subject_of(None, (scope.get("client") or [None])[0]).address': 'str((scope.get("client") or [None])[0])'},
        f"{ABUSE}::TestHandshakes::test_of_ipv6_a_whole_network_is_one",
    ),
    defence(
        "No more handshakes are begun at a time than can be ended.",
        "terminal/handshakes.py",
        {"self._answering >= AT_A_TIME or ": ""},
        f"{ABUSE}::TestHandshakes::test_no_more_are_begun_than_can_be_ended",
    ),
    defence(
        "Addresses that knock are remembered up to a number.",
        "terminal/buckets.py",
        {"while len(self._left) > ADDRESSES:": "while False:"},
        f"{ABUSE}::TestHandshakes::test_only_so_many_addresses_are_remembered",
    ),
    defence(
        "Frames are limited in rate before they are looked at.",
        "terminal/consumers.py",
        {"self._allowance.take()": "pass"},
        f"{LIMITS}::test_too_many_frames_are_not_looked_at_and_the_socket_lives",
    ),
    defence(
        "Whoever goes on sending whatever is said is told to go.",
        "terminal/allowance.py",
        {"if self._refused > REFUSED_AT_MOST:": "if False:"},
        f"{LIMITS}::test_who_goes_on_whatever_is_said_is_told_to_go",
    ),
    defence(
        "And gone: the socket is closed.",
        "terminal/consumers.py",
        {"except TooManyRefusedError:\n            await self.close(": "except TooManyRefusedError:\n            str("},
        f"{LIMITS}::test_a_socket_that_goes_on_whatever_is_said_is_closed",
    ),
    defence(
        "A socket that was not let in is not listened to.",
        "terminal/consumers.py",
        {"if not self._let_in:\n            return": "if False:\n            return"},
        f"{LIMITS}::test_who_was_not_let_in_is_not_listened_to",
    ),
    defence(
        "A frame is limited in size before it is parsed.",
        "terminal/protocol.py",
        {'if len(frame) > limit or len(frame.encode("utf-8", "surrogatepass")) > limit:': "if False:"},
        f"{PROTOCOL}::test_the_limit_is_in_bytes",
    ),
    defence(
        "A message of more than 64 KiB ends the connection, in however many frames it comes.",
        "terminal/management/commands/serve.py",
        {
            "max_message_size=MESSAGE_BYTES,": "max_message_size=0,",
            "max_frame_size=MESSAGE_BYTES,": "max_frame_size=0,",
        },
        f"{WIRE}::TestMessages",
    ),
    defence(
        "A frame is limited in depth before it is parsed.",
        "terminal/protocol.py",
        {"if _depth(frame) > DEEPEST:": "if False:"},
        f"{ABUSE}::test_frames_that_are_nested_deep_are_not_parsed",
    ),
    defence(
        "A frame has no field that is not known.",
        "terminal/protocol.py",
        {"if name not in known:": "if False:"},
        f"{PROTOCOL}::test_what_is_wrong_is_named",
    ),
    defence(
        "A frame's fields are of the kind that they must be.",
        "terminal/protocol.py",
        {"if not known[name].check(value):": "if False:"},
        f"{PROTOCOL}::test_what_is_wrong_is_named",
    ),
    defence(
        "A frame has all that it needs.",
        "terminal/protocol.py",
        {"if field.required and name not in fields:": "if False:"},
        f"{PROTOCOL}::test_what_is_wrong_is_named",
    ),
    defence(
        "What JSON does not have (NaN, Infinity) is refused.",
        "terminal/protocol.py",
        {", parse_constant=_refuse_constant)": ")"},
        f"{PROTOCOL}::test_what_is_wrong_is_named",
    ),
    defence(
        "A frame whose nesting ends the parser's stack is refused like any other.",
        "terminal/protocol.py",
        {"if _depth(frame) > DEEPEST:": "if False:", "except (ValueError, RecursionError):": "except ValueError:"},
        f"{SOCKET}::test_a_malformed_frame_gets_an_error_and_the_socket_lives",
    ),
    defence(
        "An error repeats little of what was sent.",
        "terminal/protocol.py",
        {'return text if len(text) <= ABRIDGED else text[: ABRIDGED - 1] + "…"': "return text"},
        f"{PROTOCOL}::test_an_error_repeats_little_of_what_was_sent",
    ),
    defence(
        "Binary frames are refused.",
        "terminal/consumers.py",
        {'raise SpeechError("frame_invalid", "Messages are text frames of JSON.")': "return"},
        f"{SOCKET}::test_a_binary_frame_gets_an_error",
    ),
    defence(
        "Ten minutes of silence close the socket.",
        "terminal/connection.py",
        {"self.serverClose(code=IDLE)": "pass"},
        f"{CONNECTION}::TestSilence::test_it_is_closed_after_ten_minutes",
    ),
    defence(
        "Who sends faster than anybody can look is cut off.",
        "terminal/connection.py",
        {"if self._waiting > WAITING:": "if False:"},
        f"{CONNECTION}::TestFlood::test_it_is_cut_off_before_it_takes_memory",
    ),
    defence(
        "Who leaves unread what they are sent is cut off.",
        "terminal/connection.py",
        {"if self._unread.size > UNREAD:": "if False:"},
        f"{CONNECTION}::test_who_asks_for_much_and_reads_nothing_is_let_go",
    ),
    defence(
        "Sockets are bounded on the way that is served.",
        "terminal/management/commands/serve.py",
        {"daphne.server.WebSocketFactory = BoundedSocketFactory": "str(BoundedSocketFactory)"},
        f"{CONNECTION}::test_who_asks_for_much_and_reads_nothing_is_let_go",
    ),
    defence(
        "Whoever was cut off for a flood is known for one.",
        "terminal/connection.py",
        {"FLOODED if self._flooded else code": "code"},
        f"{CONNECTION}::TestFlood::test_it_is_cut_off_before_it_takes_memory",
    ),
    defence(
        "Whoever goes on sending whatever is said is known for a flood.",
        "terminal/consumers.py",
        {"await self.close(FLOODED)": "await self.close(TOO_MANY)"},
        f"{LIMITS}::test_a_socket_that_goes_on_whatever_is_said_is_closed",
    ),
    defence(
        "An address that flooded is not let in for a while.",
        "terminal/handshakes.py",
        {'if message.get("code") == FLOODED:': "if False:"},
        f"{ABUSE}::TestHandshakes::test_an_address_that_flooded_is_not_let_in_for_a_while",
    ),
    defence(
        "The memory of many tabs goes back to the system: on one heap.",
        "manage.py",
        {"        begin_on_one_heap()": "        str(begin_on_one_heap)"},
        f"{CONNECTION}::test_what_many_tabs_took_goes_back_to_the_system",
    ),
    defence(
        "The memory of many tabs goes back to the system: once they have left.",
        "terminal/consumers.py",
        {"self._leaving.callback(self._runtime.breathe)": "pass"},
        f"{CONNECTION}::test_what_many_tabs_took_goes_back_to_the_system",
    ),
    *(
        defence(
            f"What tabs show is remembered for those who have one open: {what}.",
            "themes/snapshots.py",
            {piece: instead},
            f"{SNAPSHOTS}::{red}",
        )
        for what, piece, instead, red in (
            (
                "no longer",
                "self._last.pop(key, None)",
                "pass",
                "test_it_is_remembered_for_all_tabs_until_the_last_is_closed",
            ),
            (
                "for nobody else",
                "if key not in self._tabs:\n            return",
                "if False:\n            return",
                "test_of_who_has_no_tab_nothing_is_remembered",
            ),
        )
    ),
    defence(
        "Sound goes to the socket that asked for it.",
        "terminal/consumers.py",
        {
            "await self.send(bytes_data=frame)": (
                "import gc\n\n"
                "                for tab in [tab for tab in gc.get_objects() if isinstance(tab, TerminalConsumer)]:\n"
                "                    await tab.send(bytes_data=frame)"
            )
        },
        f"{SOCKET}::test_audio_goes_only_to_the_tab_that_asked",
    ),
    defence(
        "The server makes a bounded time more than was played.",
        "terminal/session.py",
        {" or self._ahead_s() >= self._policy.ahead_s": ""},
        f"{SOCKET}::test_the_server_stays_a_bounded_time_ahead",
        f"{SOCKET}::test_the_bound_holds_over_all_utterances_of_a_tab",
    ),
    defence(
        "A tab that says it has played what was never made gets no more for it.",
        "terminal/session.py",
        {"min(sample, utterance.made)": "sample"},
        f"{SOCKET}::test_who_says_that_all_was_played_gets_no_more_than_the_bound",
    ),
    defence(
        "A tab's queue has an end.",
        "terminal/session.py",
        {"if waiting >= self._policy.queue:": "if False:"},
        f"{SOCKET}::test_the_queue_is_bounded",
    ),
    defence(
        "Who leaves leaves no work behind.",
        "terminal/consumers.py",
        {"self._leaving.push_async_callback(self._session.close)": "pass"},
        f"{SOCKET}::test_a_client_that_vanishes_stops_its_work_in_the_midst_of_a_window",
    ),
    defence(
        "Open tabs of a session that was ended are closed.",
        "terminal/consumers.py",
        {'protocol.encode("session.changed"))\n        await self.close()': 'protocol.encode("session.changed"))'},
        f"{LOOK}::test_who_signs_in_or_out_elsewhere_is_told_to_connect_again",
    ),
    defence(
        "A tab's token makes nobody who has a cookie another.",
        "terminal/look.py",
        {"if known is not None and not self._who.kept and self._who.user is None:": "if known is not None:"},
        f"{LOOK}::test_a_token_makes_nobody_who_has_a_cookie_another",
    ),
    defence(
        "Themes that are made over the socket are counted.",
        "terminal/look.py",
        {"await self._keep()": "pass"},
        f"{LOOK}::test_themes_are_made_so_often_and_no_more",
    ),
    defence(
        "However often a tab asks, it is looked after what it missed every few seconds only.",
        "terminal/look.py",
        {"now - self._renewed >= RENEWED_EVERY_S if asked": "True if asked"},
        f"{LOOK}::test_asking_often_is_no_work_for_the_database",
    ),
    defence(
        "The sound of a text from the plain form is behind an address that nobody can guess.",
        "terminal/spoken.py",
        {"secrets.token_urlsafe(16)": 'f"{hash(request):x}"'},
        f"{SPOKEN}::test_nobody_guesses_the_address",
    ),
    defence(
        "A text from the plain form is kept for ten minutes.",
        "terminal/spoken.py",
        {"await cache.aset(_key(token), wish, KEPT_S)": "await cache.aset(_key(token), wish, None)"},
        f"{SPOKEN}::test_a_text_is_forgotten",
    ),
    defence(
        "Recordings are bounded in bytes.",
        "terminal/spoken.py",
        {"> self._limit:": "> self._limit + 10**9:"},
        f"{SPOKEN}::test_recordings_have_so_many_bytes_and_the_one_who_has_most_loses_the_oldest",
    ),
    defence(
        "Texts are not logged, at whatever level.",
        "terminal/session.py",
        {"offset = protocol.": 'logger.debug("saying %s", request.text)\n        offset = protocol.'},
        f"{SOCKET}::test_texts_are_not_logged",
    ),
    defence(
        "Nor are those of the plain form.",
        "terminal/views.py",
        {"token = await remember(": "__import__('logging').info(request.text)\n        token = await remember("},
        f"{VIEWS}::test_a_form_is_answered_and_nothing_of_it_logged",
    ),
]
