"""Bytes, frames and connections, below the application."""

from tests.mutation.mutation import mutation

CONNECTION = "tests/server/test_daphne_websocket.py"
FRAMES = f"{CONNECTION}::TestFrames"
TRAFFIC = "tests/server/test_connection_ledger.py"
REQUESTS = "tests/terminal/test_abuse.py::TestRequests"
SPOKEN = "tests/terminal/test_recordings.py"
PROXY = "tests/server/test_trusted_proxies.py"

MUTATIONS = [
    mutation(
        "Frames of every kind are limited by socket.",
        "project/server/daphne_websocket.py",
        {"if self._frames < 0:": "if False:"},
        f"{FRAMES}::test_a_frame_flood_closes_with_1008",
    ),
    mutation(
        "A turn of the event loop parses few frames.",
        "project/server/daphne_websocket.py",
        {"while goes_on and self._parsed < FRAMES_A_TURN:": "while goes_on:"},
        f"{FRAMES}::test_parsing_yields_to_the_event_loop_and_pauses_reading",
    ),
    mutation(
        "A socket with unparsed frames reads no more of them.",
        "project/server/daphne_websocket.py",
        {
            "            self.transport.pauseProducing()\n            self._turn": "            self._turn",
        },
        f"{FRAMES}::test_parsing_yields_to_the_event_loop_and_pauses_reading",
    ),
    mutation(
        "Frames are limited by address, over all its sockets.",
        "project/server/connection_ledger.py",
        {"if address is None or self._frames.consume(": "if True or self._frames.consume("},
        f"{FRAMES}::test_the_frame_rate_of_an_address_covers_all_its_sockets",
    ),
    mutation(
        "Answers to pings count as unread.",
        "project/server/daphne_websocket.py",
        {"self._send_buffer.add(len(data))": "self._send_buffer.add(len(data) * (data[0] != 0x8A))"},
        f"{FRAMES}::test_answers_to_pings_count_as_unread",
    ),
    mutation(
        "Behind a proxy the forwarded address is counted.",
        "project/server/trusted_proxies.py",
        {
            "        client = self._client(peer, _header_values(headers, FORWARDED_FOR))": "        client = peer",
        },
        f"{PROXY}::test_the_client_that_a_connection_counts_for",
    ),
    mutation(
        "The application waits until what it sent was passed on.",
        "project/server/daphne_responses.py",
        {"await protocol.writable()": "pass"},
        f"{TRAFFIC}::TestReaders::test_send_waits_for_buffer_space",
        f"{TRAFFIC}::test_slow_readers_of_a_recording_use_little_memory",
    ),
    mutation(
        "Answers wait for their readers on the way that is served.",
        "project/management/commands/serve.py",
        {
            "BoundedServer(": "daphne.server.Server(",
            "            traffic=traffic,\n": "",
        },
        f"{TRAFFIC}::test_slow_readers_of_a_recording_use_little_memory",
    ),
    mutation(
        "Who reads nothing for half a minute is cut off.",
        "project/server/daphne_http.py",
        {
            "            self.holding.writing_until = self._clock() + UNREAD_S\n            self._count": (
                "            self._count"
            )
        },
        f"{TRAFFIC}::TestReaders::test_a_client_that_does_not_read_is_dropped",
    ),
    mutation(
        "So is who does not read the last answer of a connection.",
        "project/server/daphne_http.py",
        {
            "        self.holding.writing_until = self._clock() + UNREAD_S\n        super().loseConnection()": (
                "        super().loseConnection()"
            )
        },
        f"{TRAFFIC}::TestReaders::test_the_last_part_of_a_response_has_a_deadline",
    ),
    mutation(
        "Deadlines of connections are looked at.",
        "project/server/connection_ledger.py",
        {"if one.late(now)": "if False"},
        f"{TRAFFIC}::TestReaders::test_a_client_that_does_not_read_is_dropped",
    ),
    mutation(
        "What connections make the process hold is bounded by address.",
        "project/server/connection_ledger.py",
        {"self._sizes.get(holding.address, 0) > self._of_address": "False"},
        f"{TRAFFIC}::TestLedger::test_an_address_over_its_limit_loses_its_stalest_connection",
    ),
    mutation(
        "It is bounded by process.",
        "project/server/connection_ledger.py",
        {"while self.size > self._of_all:": "while False:"},
        f"{TRAFFIC}::TestLedger::test_a_process_over_its_limit_drops_a_connection_of_the_largest_address",
    ),
    mutation(
        "Memory goes back to the system when much is released.",
        "project/server/connection_ledger.py",
        {"self._released()": "pass"},
        f"{TRAFFIC}::TestLedger::test_released_memory_triggers_a_trim",
    ),
    mutation(
        "Answers that are not read count by address.",
        "project/server/daphne_http.py",
        {"self._unread = UNREAD_COST": "self._unread = 1"},
        f"{TRAFFIC}::TestReaders::test_unread_responses_are_charged",
    ),
    mutation(
        "A turn for a page ends when its answer begins.",
        "project/server/request_limiter.py",
        {"            end()\n            await send(message)": "            await send(message)"},
        f"{REQUESTS}::test_a_slow_reader_does_not_hold_a_slot",
    ),
    mutation(
        "A reader of a recording holds one part of it.",
        "terminal/recordings.py",
        {"if token not in self._made:\n                return": "if False:\n                return"},
        f"{SPOKEN}::test_a_response_reads_in_parts_and_ends_on_eviction",
    ),
    mutation(
        "A request has half a minute to be complete.",
        "project/server/daphne_http.py",
        {"ledger.clock\n        self.holding.reading_until = self._clock() + REQUEST_S\n": ("ledger.clock\n")},
        f"{TRAFFIC}::TestSenders::test_slow_requests_time_out",
    ),
    mutation(
        "A connection may be idle for a minute.",
        "project/server/daphne_http.py",
        {"self.holding.reading_until = self._clock() + IDLE_S": "pass"},
        f"{TRAFFIC}::TestSenders::test_idle_connections_time_out",
    ),
    mutation(
        "What has arrived of a body counts.",
        "project/server/daphne_http.py",
        {"self.channel.count_body(self._received)": "pass"},
        f"{TRAFFIC}::TestSenders::test_received_body_bytes_are_charged",
    ),
    mutation(
        "Requests that are sent ahead count.",
        "project/server/daphne_http.py",
        {"self._ahead += len(data)": "pass"},
        f"{TRAFFIC}::TestSenders::test_pipelined_requests_are_charged",
    ),
    mutation(
        "No body goes into a file.",
        "project/server/daphne_http.py",
        {"super().gotLength(0)": "super().gotLength(length)"},
        f"{TRAFFIC}::TestSenders::test_bodies_use_no_temporary_file",
    ),
    mutation(
        "Behind a proxy a request counts for the forwarded address.",
        "project/server/daphne_http.py",
        {"self.holding.move(traffic.client_of(self._other_end, named))": "pass"},
        f"{TRAFFIC}::TestSenders::test_a_proxied_request_is_charged_to_the_forwarded_address",
    ),
    mutation(
        "Tiny chunks count for more than they hold.",
        "project/server/daphne_http.py",
        {"len(data) + self._chunk_cost": "len(data)"},
        f"{TRAFFIC}::TestSenders::test_tiny_chunks_are_refused_and_parsed_no_further",
    ),
    mutation(
        "What is refused is parsed no further.",
        "project/server/daphne_http.py",
        {"raise _RefusedError": "return"},
        f"{TRAFFIC}::TestSenders::test_tiny_chunks_are_refused_and_parsed_no_further",
    ),
    mutation(
        "A connection ends with the first refusal of a request.",
        "project/server/daphne_http.py",
        {'message.get("status") == 429': "False"},
        f"{TRAFFIC}::TestSenders::test_a_rejection_ends_the_connection",
    ),
    mutation(
        "A connection ends with the first error of the server's own.",
        "project/server/daphne_http.py",
        {"self.channel.persistent = False\n        super().basic_error": "pass\n        super().basic_error"},
        f"{TRAFFIC}::TestSenders::test_a_server_error_ends_the_connection",
    ),
]
