"""From the browser, or a program, to the socket."""

from tests.mutation.mutation import mutation

ABUSE = "tests/terminal/test_abuse.py"
CONNECTION = "tests/server/test_daphne_websocket.py"
LIMITS = "tests/terminal/test_limits.py"
LOOK = "tests/terminal/test_theme_session.py"
ORIGIN = "tests/server/test_origin_validator.py"
PROTOCOL = "tests/terminal/test_protocol.py"
SOCKET = "tests/terminal/test_socket.py"
SNAPSHOTS = "tests/themes/test_snapshot_cache.py"
SPOKEN = "tests/terminal/test_recordings.py"
WIRE = "tests/server/test_daphne_http.py"
VIEWS = "tests/terminal/test_views.py"

MUTATIONS = [
    mutation(
        "A handshake needs an allowed Host.",
        "project/server/origin_validator.py",
        {"if not validate_host(": "if False and not validate_host("},
        f"{ORIGIN}::test_origins",
    ),
    mutation(
        "A handshake needs an Origin that is the same or listed, so that no other site's page speaks in one's name.",
        "core/same_site.py",
        {"return origin in settings.TRUSTED_ORIGINS or _netloc(origin) == host.lower()": "return True"},
        f"{ORIGIN}::test_origins",
    ),
    mutation(
        "An origin is one of http or https.",
        "core/same_site.py",
        {"parts.netloc.lower() if parts.scheme in schemes else None": "parts.netloc.lower()"},
        f"{ORIGIN}::test_origins",
    ),
    mutation(
        "Where there is TLS, a plain page of the same name is another site's.",
        "core/same_site.py",
        {'("https",) if settings.BEHIND_TLS_PROXY else ("http", "https")': '("http", "https")'},
        f"{ORIGIN}::test_behind_tls_an_http_origin_is_rejected",
    ),
    mutation(
        "A handshake that names two hosts or two origins is refused.",
        "project/server/origin_validator.py",
        {"if len(hosts) != 1 or len(origins) > 1:": "if not hosts:"},
        f"{ORIGIN}::test_duplicate_headers_are_rejected",
    ),
    mutation(
        "Host and origin are looked at on the way that is served.",
        "project/asgi.py",
        {"OriginValidator(Cookie": "(Cookie"},
        f"{SOCKET}::test_a_foreign_origin_is_rejected",
    ),
    mutation(
        "Handshakes are limited on the way that is served, without touching the database.",
        "project/asgi.py",
        {'"websocket": socket}': '"websocket": socket._application}'},
        f"{ABUSE}::test_rejected_handshakes_do_not_query_the_database",
    ),
    mutation(
        "Handshakes are limited by address.",
        "project/server/handshake_limiter.py",
        {" or not self.buckets.consume(scope)": ""},
        f"{ABUSE}::TestHandshakes::test_too_many_are_denied_and_others_are_not",
    ),
    mutation(
        "Of IPv6 a customer's whole network has one allowance of handshakes.",
        "core/token_bucket.py",
        {'subject_for(None, (scope.get("client") or [None])[0]).address': 'str((scope.get("client") or [None])[0])'},
        f"{ABUSE}::TestHandshakes::test_an_ipv6_network_shares_one_bucket",
    ),
    mutation(
        "No more handshakes are begun at a time than can be ended.",
        "project/server/handshake_limiter.py",
        {"self._in_progress >= MAX_CONCURRENT or ": ""},
        f"{ABUSE}::TestHandshakes::test_concurrent_handshakes_are_bounded",
    ),
    mutation(
        "Addresses that knock are remembered up to a number.",
        "core/token_bucket.py",
        {"while len(self._levels) > MAX_ADDRESSES:": "while False:"},
        f"{ABUSE}::TestHandshakes::test_the_number_of_tracked_addresses_is_bounded",
    ),
    mutation(
        "Frames are limited in rate before they are looked at.",
        "terminal/socket/consumer.py",
        {"self._frame_limiter.consume()": "pass"},
        f"{LIMITS}::test_messages_over_the_rate_are_ignored_and_the_socket_stays_open",
    ),
    mutation(
        "Whoever goes on sending whatever is said is told to go.",
        "terminal/socket/frame_limiter.py",
        {"if self._refused > MAX_REFUSED_FRAMES:": "if False:"},
        f"{LIMITS}::test_the_frame_limiter_raises_after_too_many_rejections",
    ),
    mutation(
        "And gone: the socket is closed.",
        "terminal/socket/consumer.py",
        {
            """except FrameFloodError:
            await self.close(""": """except FrameFloodError:
            str("""
        },
        f"{LIMITS}::test_a_socket_is_closed_after_too_many_rejected_messages",
    ),
    mutation(
        "A socket that was not let in is not listened to.",
        "terminal/socket/consumer.py",
        {
            """if not self._accepted:
            return""": "if False:\n            return"
        },
        f"{LIMITS}::test_messages_of_a_rejected_socket_are_ignored",
    ),
    mutation(
        "A frame is limited in size before it is parsed.",
        "terminal/socket/protocol.py",
        {'if len(frame) > limit or len(frame.encode("utf-8", "surrogatepass")) > limit:': "if False:"},
        f"{PROTOCOL}::test_the_limit_is_in_bytes",
    ),
    mutation(
        "A message of more than 64 KiB ends the connection, in however many frames it comes.",
        "project/management/commands/serve.py",
        {
            "max_message_size=MAX_MESSAGE_BYTES,": "max_message_size=0,",
            "max_frame_size=MAX_MESSAGE_BYTES,": "max_frame_size=0,",
        },
        f"{WIRE}::TestMessages",
    ),
    mutation(
        "A frame is limited in depth before it is parsed.",
        "terminal/socket/protocol.py",
        {"if _depth(frame) > MAX_DEPTH:": "if False:"},
        f"{ABUSE}::test_deeply_nested_frames_are_not_parsed",
    ),
    mutation(
        "A frame has no field that is not known.",
        "terminal/socket/protocol.py",
        {"if name not in known:": "if False:"},
        f"{PROTOCOL}::test_what_is_wrong_is_named",
    ),
    mutation(
        "A frame's fields are of the kind that they must be.",
        "terminal/socket/protocol.py",
        {"if not known[name].check(value):": "if False:"},
        f"{PROTOCOL}::test_what_is_wrong_is_named",
    ),
    mutation(
        "A frame has all that it needs.",
        "terminal/socket/protocol.py",
        {"if field.required and name not in fields:": "if False:"},
        f"{PROTOCOL}::test_what_is_wrong_is_named",
    ),
    mutation(
        "What JSON does not have (NaN, Infinity) is refused.",
        "terminal/socket/protocol.py",
        {", parse_constant=_refuse_constant)": ")"},
        f"{PROTOCOL}::test_what_is_wrong_is_named",
    ),
    mutation(
        "A frame whose nesting ends the parser's stack is refused like any other.",
        "terminal/socket/protocol.py",
        {"if _depth(frame) > MAX_DEPTH:": "if False:", "except (ValueError, RecursionError):": "except ValueError:"},
        f"{SOCKET}::test_a_malformed_frame_gets_an_error_and_the_socket_stays_open",
    ),
    mutation(
        "An error repeats little of what was sent.",
        "terminal/socket/protocol.py",
        {'return text if len(text) <= MAX_ECHO else text[: MAX_ECHO - 1] + "…"': "return text"},
        f"{PROTOCOL}::test_an_error_repeats_little_of_what_was_sent",
    ),
    mutation(
        "Binary frames are refused.",
        "terminal/socket/consumer.py",
        {'raise SpeechError("frame_invalid", "Messages are text frames of JSON.")': "return"},
        f"{SOCKET}::test_a_binary_frame_gets_an_error",
    ),
    mutation(
        "Ten minutes of silence close the socket.",
        "project/server/daphne_websocket.py",
        {"self.serverClose(code=IDLE_TIMEOUT)": "pass"},
        f"{CONNECTION}::TestSilence::test_it_is_closed_after_ten_minutes",
    ),
    mutation(
        "Who sends faster than anybody can look is cut off.",
        "project/server/daphne_websocket.py",
        {"if self._queued_bytes > MAX_RECEIVE_QUEUE_BYTES:": "if False:"},
        f"{CONNECTION}::TestFlood::test_a_flood_is_dropped_before_it_uses_memory",
    ),
    mutation(
        "Who leaves unread what they are sent is cut off.",
        "project/server/daphne_websocket.py",
        {"if self._send_buffer.size > MAX_SEND_BUFFER_BYTES:": "if False:"},
        f"{CONNECTION}::test_a_socket_with_unread_output_is_dropped",
    ),
    mutation(
        "Sockets are bounded on the way that is served.",
        "project/management/commands/serve.py",
        {"daphne.server.WebSocketFactory = LimitedWebSocketFactory": "str(LimitedWebSocketFactory)"},
        f"{CONNECTION}::test_a_socket_with_unread_output_is_dropped",
    ),
    mutation(
        "Whoever was cut off for a flood is known for one.",
        "project/server/daphne_websocket.py",
        {"POLICY_VIOLATION if self._flooded else code": "code"},
        f"{CONNECTION}::TestFlood::test_a_flood_is_dropped_before_it_uses_memory",
    ),
    mutation(
        "Whoever goes on sending whatever is said is known for a flood.",
        "terminal/socket/consumer.py",
        {"await self.close(POLICY_VIOLATION)": "await self.close(TOO_MANY_CONNECTIONS)"},
        f"{LIMITS}::test_a_socket_is_closed_after_too_many_rejected_messages",
    ),
    mutation(
        "An address that flooded is not let in for a while.",
        "project/server/handshake_limiter.py",
        {'if message.get("code") == POLICY_VIOLATION:': "if False:"},
        f"{ABUSE}::TestHandshakes::test_an_address_is_blocked_after_a_flood",
    ),
    mutation(
        "The memory of many tabs goes back to the system: on one heap.",
        "manage.py",
        {"        reexec_with_libc_malloc()": "        str(reexec_with_libc_malloc)"},
        f"{CONNECTION}::test_memory_of_closed_tabs_returns_to_the_system",
    ),
    mutation(
        "The memory of many tabs goes back to the system: once they have left.",
        "terminal/socket/consumer.py",
        {"self._exit_stack.callback(self._runtime.schedule_heap_trim)": "pass"},
        f"{CONNECTION}::test_memory_of_closed_tabs_returns_to_the_system",
    ),
    *(
        mutation(
            f"What tabs show is remembered for those who have one open: {what}.",
            "themes/snapshot_cache.py",
            {piece: instead},
            f"{SNAPSHOTS}::{red}",
        )
        for what, piece, instead, red in (
            (
                "no longer",
                "self._last.pop(key, None)",
                "pass",
                "test_a_snapshot_is_cached_until_the_last_tab_closes",
            ),
            (
                "for nobody else",
                "if key not in self._tabs:\n            return",
                "if False:\n            return",
                "test_owners_without_tabs_are_not_cached",
            ),
        )
    ),
    mutation(
        "Sound goes to the socket that asked for it.",
        "terminal/socket/consumer.py",
        {
            "await self.send(bytes_data=frame)": (
                "import gc\n\n"
                "                for tab in [tab for tab in gc.get_objects() if isinstance(tab, TerminalConsumer)]:\n"
                "                    await tab.send(bytes_data=frame)"
            )
        },
        f"{SOCKET}::test_audio_goes_only_to_the_tab_that_asked",
    ),
    mutation(
        "The server makes a bounded time more than was played.",
        "terminal/socket/speech_session.py",
        {" or self._buffered_s() >= self._client.policy.max_buffer_ahead_s": ""},
        f"{SOCKET}::test_flow_control_bounds_the_buffered_audio",
        f"{SOCKET}::test_flow_control_covers_all_utterances_of_a_tab",
    ),
    mutation(
        "A tab that says it has played what was never made gets no more for it.",
        "terminal/socket/speech_session.py",
        {"min(sample, utterance.sent)": "sample"},
        f"{SOCKET}::test_false_playback_reports_do_not_exceed_the_bound",
    ),
    mutation(
        "A tab's queue has an end.",
        "terminal/socket/speech_session.py",
        {"if self._queue_length() >= limit:": "if False:"},
        f"{SOCKET}::test_the_queue_is_bounded",
    ),
    mutation(
        "Who leaves leaves no work behind.",
        "terminal/socket/consumer.py",
        {"self._exit_stack.push_async_callback(self._speech_session.close)": "pass"},
        f"{SOCKET}::test_a_disconnect_cancels_synthesis_within_a_window",
    ),
    mutation(
        "Open tabs of a session that was ended are closed.",
        "terminal/socket/consumer.py",
        {'protocol.encode("session.changed"))\n        await self.close()': 'protocol.encode("session.changed"))'},
        f"{LOOK}::test_sign_in_and_sign_out_in_another_tab_send_session_changed",
    ),
    mutation(
        "A tab's token makes nobody who has a cookie another.",
        "terminal/socket/theme_session.py",
        {"if known is not None and not self._who.has_cookie and self._who.user is None:": "if known is not None:"},
        f"{LOOK}::test_a_tab_token_does_not_override_a_cookie",
    ),
    mutation(
        "Themes that are made over the socket are counted.",
        "terminal/socket/theme_session.py",
        {"await asyncio.to_thread(charge_theme_creation, self._subject)": "pass"},
        f"{LOOK}::test_theme_creation_is_rate_limited",
    ),
    mutation(
        "However often a tab asks, it is looked after what it missed every few seconds only.",
        "terminal/socket/theme_session.py",
        {"now - self._resynced_at >= RESYNC_INTERVAL_S if asked": "True if asked"},
        f"{LOOK}::test_frequent_pings_do_not_query_the_database",
    ),
    mutation(
        "The sound of a text from the plain form is behind an address that nobody can guess.",
        "terminal/recordings.py",
        {"secrets.token_urlsafe(16)": 'f"{hash(request):x}"'},
        f"{SPOKEN}::test_tokens_are_unguessable",
    ),
    mutation(
        "A text from the plain form is kept for ten minutes.",
        "terminal/recordings.py",
        {"await cache.aset(_key(token), fields, REQUEST_TTL_S)": "await cache.aset(_key(token), fields, None)"},
        f"{SPOKEN}::test_stored_requests_expire",
    ),
    mutation(
        "Recordings are bounded in bytes.",
        "terminal/recordings.py",
        {"> self._limit:": "> self._limit + 10**9:"},
        f"{SPOKEN}::test_the_oldest_recording_of_the_largest_owner_is_evicted",
    ),
    mutation(
        "Texts are not logged, at whatever level.",
        "terminal/socket/speech_session.py",
        {"offset = protocol.": 'logger.debug("saying %s", request.text)\n        offset = protocol.'},
        f"{SOCKET}::test_texts_are_not_logged",
    ),
    mutation(
        "Nor are those of the plain form.",
        "terminal/views.py",
        {
            "token = await store_request(": """__import__('logging').info(request.text)
        token = await store_request("""
        },
        f"{VIEWS}::test_a_form_is_answered_and_nothing_of_it_logged",
    ),
]
