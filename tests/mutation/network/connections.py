"""Controls of bytes, frames and connections in the server, below the application."""

from tests.mutation.mutation import mutation

CONNECTION = "tests/server/test_daphne_websocket.py"
FRAMES = f"{CONNECTION}::TestFrames"
TRAFFIC = "tests/server/test_connection_ledger.py"
REQUESTS = "tests/terminal/test_abuse.py::TestRequests"
SPOKEN = "tests/terminal/test_recordings.py"
PROXY = "tests/server/test_trusted_proxies.py"

MUTATIONS = [
    mutation(
        "New connections are rate limited by address.",
        "project/server/daphne_http.py",
        {"if not self.traffic.accepts(addr):": "if False:"},
        f"{TRAFFIC}::TestConnectionRate::test_an_address_that_reconnects_too_often_is_closed_unread",
    ),
    mutation(
        "Frames of every type are rate limited by socket.",
        "project/server/daphne_websocket.py",
        {"if self._frames < 0:": "if False:"},
        f"{FRAMES}::test_a_frame_flood_closes_with_1008",
    ),
    mutation(
        "One iteration of the event loop parses a bounded number of frames.",
        "project/server/daphne_websocket.py",
        {"while goes_on and self._parsed < FRAMES_PER_TURN:": "while goes_on:"},
        f"{FRAMES}::test_parsing_yields_to_the_event_loop_and_pauses_reading",
    ),
    mutation(
        "A socket with unparsed frames stops reading (backpressure).",
        "project/server/daphne_websocket.py",
        {
            "            self.transport.pauseProducing()\n            self._turn": "            self._turn",
        },
        f"{FRAMES}::test_parsing_yields_to_the_event_loop_and_pauses_reading",
    ),
    mutation(
        "Frames are rate limited by address, over all its sockets.",
        "project/server/connection_ledger.py",
        {"if address is None or self._frames.consume(": "if True or self._frames.consume("},
        f"{FRAMES}::test_the_frame_rate_of_an_address_covers_all_its_sockets",
    ),
    mutation(
        "Pongs count toward the unread output of a socket.",
        "project/server/daphne_websocket.py",
        {"self._send_buffer.add(len(data))": "self._send_buffer.add(len(data) * (data[0] != 0x8A))"},
        f"{FRAMES}::test_answers_to_pings_count_as_unread",
    ),
    mutation(
        "Behind a proxy, frames are counted by the forwarded address.",
        "project/server/trusted_proxies.py",
        {
            "        client = self._client(peer, _header_values(headers, FORWARDED_FOR))": "        client = peer",
        },
        f"{PROXY}::test_the_client_a_connection_is_charged_to",
    ),
    mutation(
        "Sending blocks the application until the client reads (backpressure).",
        "project/server/daphne_responses.py",
        {"await protocol.writable()": "pass"},
        f"{TRAFFIC}::TestReaders::test_send_waits_for_buffer_space",
        f"{TRAFFIC}::test_slow_readers_of_a_recording_use_little_memory",
    ),
    mutation(
        "The served application uses backpressure for HTTP responses.",
        "project/management/commands/serve.py",
        {
            "BackpressureServer(": "daphne.server.Server(",
            "            traffic=traffic,\n": "",
        },
        f"{TRAFFIC}::test_slow_readers_of_a_recording_use_little_memory",
    ),
    mutation(
        "A client that reads nothing for 30 s is disconnected (slow read).",
        "project/server/daphne_http.py",
        {
            "            self._start_unread()\n            self._count": "            self._count",
        },
        f"{TRAFFIC}::TestReaders::test_a_client_that_does_not_read_is_dropped",
    ),
    mutation(
        "A client that does not read the last response of a connection is disconnected.",
        "project/server/daphne_http.py",
        {
            "        self._start_unread()\n        super().loseConnection()": "        super().loseConnection()",
        },
        f"{TRAFFIC}::TestReaders::test_the_last_part_of_a_response_has_a_deadline",
    ),
    mutation(
        "A client that reads less than 8 KB in 30 s is disconnected.",
        "project/server/daphne_http.py",
        {"self._acknowledged < UNREAD_BYTES:": "self._acknowledged < 0:"},
        f"{TRAFFIC}::TestReaders::test_a_client_on_a_slow_link_is_not_dropped",
    ),
    mutation(
        "The system holds at most 64 KB of a response that is synthesized while it is sent.",
        "project/server/tcp_options.py",
        {"handle.setsockopt(socket.IPPROTO_TCP, option, UNSENT_BYTES)": "pass"},
        f"{TRAFFIC}::TestReaders::test_the_system_holds_little_of_a_streamed_response",
    ),
    mutation(
        "Connection deadlines are enforced.",
        "project/server/connection_ledger.py",
        {"if one.late(now)": "if False"},
        f"{TRAFFIC}::TestReaders::test_a_client_that_does_not_read_is_dropped",
    ),
    mutation(
        "The memory buffered for connections is bounded by address.",
        "project/server/connection_ledger.py",
        {"self._sizes.get(connection.address, 0) > self._of_address": "False"},
        f"{TRAFFIC}::TestLedger::test_an_address_over_its_limit_loses_its_stalest_connection",
    ),
    mutation(
        "The memory buffered for connections is bounded by process.",
        "project/server/connection_ledger.py",
        {"while self.size > self._of_all:": "while False:"},
        f"{TRAFFIC}::TestLedger::test_a_process_over_its_limit_drops_a_connection_of_the_largest_address",
    ),
    mutation(
        "Freed memory is returned to the operating system after large releases.",
        "project/server/connection_ledger.py",
        {"self._released()": "pass"},
        f"{TRAFFIC}::TestLedger::test_released_memory_triggers_a_trim",
    ),
    mutation(
        "Unread responses count toward the memory of their address.",
        "project/server/daphne_http.py",
        {"self._unread = UNREAD_COST": "self._unread = 1"},
        f"{TRAFFIC}::TestReaders::test_unread_responses_are_charged",
    ),
    mutation(
        "A page request frees its concurrency slot when its response starts.",
        "project/server/request_limiter.py",
        {"            end()\n            await send(message)": "            await send(message)"},
        f"{REQUESTS}::test_a_slow_reader_does_not_hold_a_slot",
    ),
    mutation(
        "A response with a recording holds one chunk of it in memory.",
        "terminal/recordings.py",
        {"if token not in self._made:\n                return": "if False:\n                return"},
        f"{SPOKEN}::test_a_response_reads_in_parts_and_ends_on_eviction",
    ),
    mutation(
        "A request must be complete within 30 s (slow requests).",
        "project/server/daphne_http.py",
        {"ledger.clock\n        self.buffered.reading_until = self._clock() + REQUEST_S\n": ("ledger.clock\n")},
        f"{TRAFFIC}::TestSenders::test_slow_requests_time_out",
    ),
    mutation(
        "A connection is closed after 60 s of inactivity.",
        "project/server/daphne_http.py",
        {"self.buffered.reading_until = self._clock() + IDLE_S": "pass"},
        f"{TRAFFIC}::TestSenders::test_idle_connections_time_out",
    ),
    mutation(
        "Received body bytes count toward the memory of their address.",
        "project/server/daphne_http.py",
        {"self.channel.count_body(self._received)": "pass"},
        f"{TRAFFIC}::TestSenders::test_received_body_bytes_are_charged",
    ),
    mutation(
        "Pipelined requests count toward the memory of their address.",
        "project/server/daphne_http.py",
        {"self._ahead += len(data)": "pass"},
        f"{TRAFFIC}::TestSenders::test_pipelined_requests_are_charged",
    ),
    mutation(
        "Request bodies are not spooled to disk.",
        "project/server/daphne_http.py",
        {"super().gotLength(0)": "super().gotLength(length)"},
        f"{TRAFFIC}::TestSenders::test_bodies_use_no_temporary_file",
    ),
    mutation(
        "Behind a proxy, requests are counted by the forwarded address.",
        "project/server/daphne_http.py",
        {"self.buffered.move(traffic.client_of(self._other_end, named))": "pass"},
        f"{TRAFFIC}::TestSenders::test_a_proxied_request_is_charged_to_the_forwarded_address",
    ),
    mutation(
        "Each chunk of a body is counted with its overhead.",
        "project/server/daphne_http.py",
        {"len(data) + self._chunk_cost": "len(data)"},
        f"{TRAFFIC}::TestSenders::test_tiny_chunks_are_rejected_and_parsing_stops",
    ),
    mutation(
        "Parsing stops when a request is rejected.",
        "project/server/daphne_http.py",
        {"raise _RefusedError": "return"},
        f"{TRAFFIC}::TestSenders::test_tiny_chunks_are_rejected_and_parsing_stops",
    ),
    mutation(
        "A rejected request closes the connection.",
        "project/server/daphne_http.py",
        {'message.get("status") == 429': "False"},
        f"{TRAFFIC}::TestSenders::test_a_rejection_closes_the_connection",
    ),
    mutation(
        "An internal server error closes the connection.",
        "project/server/daphne_http.py",
        {"self.channel.persistent = False\n        super().basic_error": "pass\n        super().basic_error"},
        f"{TRAFFIC}::TestSenders::test_a_server_error_closes_the_connection",
    ),
]
