"""Controls of the WebSocket."""

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
        "A handshake requires an allowed Host (DNS rebinding).",
        "project/server/origin_validator.py",
        {"if not validate_host(": "if False and not validate_host("},
        f"{ORIGIN}::test_origins",
    ),
    mutation(
        "A handshake requires the same or a listed Origin (cross-site WebSocket hijacking).",
        "core/web/same_site.py",
        {
            "(parts in map(_parse, settings.TRUSTED_ORIGINS) or _is_own(parts, host))": "True",
        },
        f"{ORIGIN}::test_origins",
    ),
    mutation(
        "The scheme of an origin must be http or https.",
        "core/web/same_site.py",
        {"if parts.scheme not in DEFAULT_PORTS or not parts.netloc:": "if False:", "origin[0] in schemes and ": ""},
        f"{ORIGIN}::test_origins",
    ),
    mutation(
        "Behind TLS, an http origin of the same host is another site.",
        "core/web/same_site.py",
        {'("https",) if settings.BEHIND_TLS_PROXY else ("http", "https")': '("http", "https")'},
        f"{ORIGIN}::test_behind_tls_an_http_origin_is_rejected",
    ),
    mutation(
        "A handshake with two Host or Origin headers is rejected.",
        "project/server/origin_validator.py",
        {"if len(hosts) != 1 or len(origins) > 1:": "if not hosts:"},
        f"{ORIGIN}::test_duplicate_headers_are_rejected",
    ),
    mutation(
        "The served application checks Host and Origin.",
        "project/asgi.py",
        {"OriginValidator(Cookie": "(Cookie"},
        f"{SOCKET}::test_a_foreign_origin_is_rejected",
    ),
    mutation(
        "The served application rate limits handshakes without a database query.",
        "project/asgi.py",
        {'"websocket": socket}': '"websocket": socket._application}'},
        f"{ABUSE}::test_rejected_handshakes_do_not_query_the_database",
    ),
    mutation(
        "Handshakes are rate limited by address.",
        "project/server/handshake_limiter.py",
        {" or not self.buckets.consume(scope)": ""},
        f"{ABUSE}::TestHandshakes::test_handshakes_over_the_limit_are_denied_per_address",
    ),
    mutation(
        "Handshakes over IPv6 are counted by network prefix.",
        "core/limits/token_bucket.py",
        {'subject_for(None, (scope.get("client") or [None])[0]).address': 'str((scope.get("client") or [None])[0])'},
        f"{ABUSE}::TestHandshakes::test_an_ipv6_network_shares_one_bucket",
    ),
    mutation(
        "Concurrent handshakes are limited.",
        "project/server/handshake_limiter.py",
        {"self._in_progress >= MAX_CONCURRENT or ": ""},
        f"{ABUSE}::TestHandshakes::test_concurrent_handshakes_are_bounded",
    ),
    mutation(
        "The table of token buckets for handshakes is bounded.",
        "core/limits/token_bucket.py",
        {"while len(self._levels) > MAX_ADDRESSES:": "while False:"},
        f"{ABUSE}::TestHandshakes::test_the_number_of_tracked_addresses_is_bounded",
    ),
    mutation(
        "Frames are rate limited before they are parsed.",
        "terminal/socket/consumer.py",
        {"self._frame_limiter.consume()": "pass"},
        f"{LIMITS}::test_messages_over_the_rate_are_ignored_and_the_socket_stays_open",
    ),
    mutation(
        "A client that keeps sending after rate limit errors gets a final error.",
        "terminal/socket/frame_limiter.py",
        {"if self._refused > MAX_REFUSED_FRAMES:": "if False:"},
        f"{LIMITS}::test_the_frame_limiter_raises_after_too_many_rejections",
    ),
    mutation(
        "A client that keeps sending after rate limit errors is disconnected.",
        "terminal/socket/consumer.py",
        {
            """except FrameFloodError:
            await self.close(""": """except FrameFloodError:
            str("""
        },
        f"{LIMITS}::test_a_socket_is_closed_after_too_many_rejected_messages",
    ),
    mutation(
        "Frames of a rejected socket are ignored.",
        "terminal/socket/consumer.py",
        {
            """if not self._accepted:
            return""": "if False:\n            return"
        },
        f"{LIMITS}::test_messages_of_a_rejected_socket_are_ignored",
    ),
    mutation(
        "The size of a frame is checked before it is parsed.",
        "terminal/socket/protocol.py",
        {'if len(frame) > limit or len(frame.encode("utf-8", "surrogatepass")) > limit:': "if False:"},
        f"{PROTOCOL}::test_the_limit_is_in_bytes",
    ),
    mutation(
        "A message of more than 64 KiB closes the connection, also when it is fragmented.",
        "project/management/commands/serve.py",
        {
            "max_message_size=MAX_MESSAGE_BYTES,": "max_message_size=0,",
            "max_frame_size=MAX_MESSAGE_BYTES,": "max_frame_size=0,",
        },
        f"{WIRE}::TestMessages",
    ),
    mutation(
        "The nesting depth of a frame is checked before it is parsed.",
        "terminal/socket/protocol.py",
        {"if _depth(frame) > MAX_DEPTH:": "if False:"},
        f"{ABUSE}::test_deeply_nested_frames_are_not_parsed",
    ),
    mutation(
        "Unknown fields of a frame are rejected.",
        "terminal/socket/protocol.py",
        {"if name not in known:": "if False:"},
        f"{PROTOCOL}::test_an_invalid_message_gets_a_specific_error",
    ),
    mutation(
        "The types of a frame's fields are checked.",
        "terminal/socket/protocol.py",
        {"if not known[name].check(value):": "if False:"},
        f"{PROTOCOL}::test_an_invalid_message_gets_a_specific_error",
    ),
    mutation(
        "Missing fields of a frame are rejected.",
        "terminal/socket/protocol.py",
        {"if field.required and name not in fields:": "if False:"},
        f"{PROTOCOL}::test_an_invalid_message_gets_a_specific_error",
    ),
    mutation(
        "Values outside the JSON standard (NaN, Infinity) are rejected.",
        "terminal/socket/protocol.py",
        {", parse_constant=_refuse_constant)": ")"},
        f"{PROTOCOL}::test_an_invalid_message_gets_a_specific_error",
    ),
    mutation(
        "A frame that exceeds the parser's recursion limit is rejected.",
        "terminal/socket/protocol.py",
        {"if _depth(frame) > MAX_DEPTH:": "if False:", "except (ValueError, RecursionError):": "except ValueError:"},
        f"{SOCKET}::test_a_malformed_frame_gets_an_error_and_the_socket_stays_open",
    ),
    mutation(
        "An error message quotes a bounded part of the input.",
        "terminal/socket/protocol.py",
        {'return text if len(text) <= MAX_ECHO else text[: MAX_ECHO - 1] + "…"': "return text"},
        f"{PROTOCOL}::test_an_error_abbreviates_the_input",
    ),
    mutation(
        "Binary frames are rejected.",
        "terminal/socket/consumer.py",
        {'raise SpeechError("frame_invalid", "Messages are text frames of JSON.")': "return"},
        f"{SOCKET}::test_a_binary_frame_gets_an_error",
    ),
    mutation(
        "A socket is closed after ten minutes of inactivity.",
        "project/server/daphne_websocket.py",
        {"self.serverClose(code=IDLE_TIMEOUT)": "pass"},
        f"{CONNECTION}::TestIdleTimeout::test_an_idle_socket_is_closed_after_ten_minutes",
    ),
    mutation(
        "A socket whose input queue is full is disconnected.",
        "project/server/daphne_websocket.py",
        {"if self._queued_bytes > MAX_RECEIVE_QUEUE_BYTES:": "if False:"},
        f"{CONNECTION}::TestFlood::test_a_flood_is_dropped_before_it_uses_memory",
    ),
    mutation(
        "A client that does not read its output is disconnected.",
        "project/server/daphne_websocket.py",
        {"if self._send_buffer.size > MAX_SEND_BUFFER_BYTES:": "if False:"},
        f"{CONNECTION}::test_a_socket_with_unread_output_is_dropped",
    ),
    mutation(
        "The server bounds the buffers of sockets.",
        "project/management/commands/serve.py",
        {"daphne.server.WebSocketFactory = LimitedWebSocketFactory": "str(LimitedWebSocketFactory)"},
        f"{CONNECTION}::test_a_socket_with_unread_output_is_dropped",
    ),
    mutation(
        "A socket that is disconnected for a flood marks its address.",
        "project/server/daphne_websocket.py",
        {"POLICY_VIOLATION if self._flooded else code": "code"},
        f"{CONNECTION}::TestFlood::test_a_flood_is_dropped_before_it_uses_memory",
    ),
    mutation(
        "A client that keeps sending after rate limit errors marks its address.",
        "terminal/socket/consumer.py",
        {"await self.close(POLICY_VIOLATION)": "await self.close(TOO_MANY_CONNECTIONS)"},
        f"{LIMITS}::test_a_socket_is_closed_after_too_many_rejected_messages",
    ),
    mutation(
        "Handshakes of an address marked for a flood are rejected for a time.",
        "project/server/handshake_limiter.py",
        {'if message.get("code") == POLICY_VIOLATION:': "if False:"},
        f"{ABUSE}::TestHandshakes::test_an_address_is_blocked_after_a_flood",
    ),
    mutation(
        "Memory of closed tabs is returned to the operating system: one heap.",
        "manage.py",
        {"        reexec_with_libc_malloc()": "        str(reexec_with_libc_malloc)"},
        f"{CONNECTION}::test_memory_of_closed_tabs_returns_to_the_system",
    ),
    mutation(
        "Memory of closed tabs is returned to the operating system: trimming.",
        "terminal/socket/consumer.py",
        {"self._exit_stack.callback(self._runtime.maintenance.schedule_heap_trim)": "pass"},
        f"{CONNECTION}::test_memory_of_closed_tabs_returns_to_the_system",
    ),
    *(
        mutation(
            f"Theme snapshots are cached only for owners with an open tab: {what}.",
            "themes/store/snapshot_cache.py",
            {piece: instead},
            f"{SNAPSHOTS}::{red}",
        )
        for what, piece, instead, red in (
            (
                "until the last tab closes",
                "self._last.pop(key, None)",
                "pass",
                "test_a_snapshot_is_cached_until_the_last_tab_closes",
            ),
            (
                "not for other owners",
                "if key not in self._tabs:\n            return",
                "if False:\n            return",
                "test_owners_without_tabs_are_not_cached",
            ),
        )
    ),
    mutation(
        "Audio is sent only to the socket that requested it.",
        "terminal/socket/consumer.py",
        {
            "await self.base_send({": (
                "import gc\n\n"
                "            everyone = [tab for tab in gc.get_objects() if isinstance(tab, TerminalConsumer)]\n"
                "            for tab in everyone if isinstance(frame, bytes) else [self]:\n"
                "                await tab.base_send({"
            )
        },
        f"{SOCKET}::test_audio_is_sent_only_to_the_requesting_tab",
    ),
    mutation(
        "The audio synthesized ahead of playback is bounded (flow control).",
        "terminal/socket/speech_session.py",
        {"self._client.policy.max_buffer_ahead_s - buffered_s": "1e6"},
        f"{SOCKET}::test_flow_control_bounds_the_buffered_audio",
        f"{SOCKET}::test_flow_control_covers_all_utterances_of_a_tab",
    ),
    mutation(
        "A false playback position does not raise the bound on audio ahead of playback.",
        "terminal/socket/speech_session.py",
        {"min(sample, utterance.sent)": "sample"},
        f"{SOCKET}::test_false_playback_reports_do_not_exceed_the_bound",
    ),
    mutation(
        "A client that claims to play faster than real time does not go before others, nor keep them waiting.",
        "synthesis/pipeline/flow_control.py",
        {"reported if first is None else max(": "reported if True else max("},
        "tests/synthesis/pipeline/test_utterance_stream.py::test_a_client_cannot_claim_to_play_faster_than_real_time",
    ),
    mutation(
        "A client that does not read its audio does not keep others waiting.",
        "synthesis/gateway.py",
        {"ticket.is_sending = True": "pass"},
        "tests/synthesis/test_gateway.py::test_a_client_that_does_not_read_does_not_delay_others",
    ),
    mutation(
        "The queue of a tab is bounded.",
        "terminal/socket/speech_session.py",
        {"if self._queue_length() >= limit:": "if False:"},
        f"{SOCKET}::test_the_queue_is_bounded",
    ),
    mutation(
        "Closing a socket cancels its work.",
        "terminal/socket/consumer.py",
        {"self._exit_stack.push_async_callback(self._speech_session.close)": "pass"},
        f"{SOCKET}::test_a_disconnect_cancels_synthesis_within_a_window",
    ),
    mutation(
        "The sockets of an ended session are closed.",
        "terminal/socket/consumer.py",
        {'protocol.encode("session.changed"))\n        await self.close()': 'protocol.encode("session.changed"))'},
        f"{LOOK}::test_sign_in_and_sign_out_in_another_tab_send_session_changed",
    ),
    mutation(
        "A tab token does not override the visitor cookie.",
        "terminal/socket/theme_session.py",
        {"if known is not None and not self._who.is_persistent:": "if known is not None:"},
        f"{LOOK}::test_a_tab_token_does_not_override_a_cookie",
    ),
    mutation(
        "Theme creations over the socket are rate limited.",
        "terminal/socket/theme_session.py",
        {"await asyncio.to_thread(charge_theme_creation, self._subject)": "pass"},
        f"{LOOK}::test_theme_creation_is_rate_limited",
    ),
    mutation(
        "Resynchronization requests of a tab are rate limited.",
        "terminal/socket/theme_session.py",
        {"now - self._resynced_at >= RESYNC_INTERVAL_S if asked": "True if asked"},
        f"{LOOK}::test_frequent_pings_do_not_query_the_database",
    ),
    mutation(
        "The URL of a recording contains an unguessable token.",
        "terminal/recordings.py",
        {"secrets.token_urlsafe(16)": 'f"{hash(request):x}"'},
        f"{SPOKEN}::test_tokens_are_unguessable",
    ),
    mutation(
        "A text of the form without JavaScript is deleted after ten minutes.",
        "terminal/recordings.py",
        {"await cache.aset(_key(token), fields, REQUEST_TTL_S)": "await cache.aset(_key(token), fields, None)"},
        f"{SPOKEN}::test_stored_requests_expire",
    ),
    mutation(
        "The total size of recordings is bounded.",
        "terminal/recordings.py",
        {"> self._limit:": "> self._limit + 10**9:"},
        f"{SPOKEN}::test_the_oldest_recording_of_the_largest_owner_is_evicted",
    ),
    mutation(
        "Texts are not logged at any level.",
        "terminal/socket/speech_session.py",
        {"offset = protocol.": 'logger.debug("saying %s", request.text)\n        offset = protocol.'},
        f"{SOCKET}::test_texts_are_not_logged",
    ),
    mutation(
        "Texts of the form without JavaScript are not logged.",
        "terminal/views.py",
        {
            "parts.append(SpokenPart(": """__import__('logging').info(request.text)
            parts.append(SpokenPart("""
        },
        f"{VIEWS}::test_a_submitted_text_is_not_logged",
    ),
]
