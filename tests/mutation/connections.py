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
        f"{FRAMES}::test_a_socket_that_floods_is_closed_as_a_flood",
    ),
    mutation(
        "A turn of the event loop parses few frames.",
        "project/server/daphne_websocket.py",
        {"while goes_on and self._parsed < FRAMES_A_TURN:": "while goes_on:"},
        f"{FRAMES}::test_a_turn_of_the_loop_parses_a_few_and_reads_nothing_meanwhile",
    ),
    mutation(
        "A socket with unparsed frames reads no more of them.",
        "project/server/daphne_websocket.py",
        {
            "            self.transport.pauseProducing()\n            self._turn": "            self._turn",
        },
        f"{FRAMES}::test_a_turn_of_the_loop_parses_a_few_and_reads_nothing_meanwhile",
    ),
    mutation(
        "Frames are limited by address, over all its sockets.",
        "project/server/connection_ledger.py",
        {"if address is None or self._frames.consume(": "if True or self._frames.consume("},
        f"{FRAMES}::test_an_address_has_so_many_over_all_its_sockets",
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
        f"{TRAFFIC}::TestReaders::test_the_application_waits_for_its_reader",
        f"{TRAFFIC}::test_many_slow_readers_of_a_recording_cost_little",
    ),
    mutation(
        "Answers wait for their readers on the way that is served.",
        "project/management/commands/serve.py",
        {
            "BoundedServer(": "daphne.server.Server(",
            "            traffic=traffic,\n": "",
        },
        f"{TRAFFIC}::test_many_slow_readers_of_a_recording_cost_little",
    ),
    mutation(
        "Who reads nothing for half a minute is cut off.",
        "project/server/daphne_http.py",
        {
            "            self.holding.writing_until = self._clock() + UNREAD_S\n            self._count": (
                "            self._count"
            )
        },
        f"{TRAFFIC}::TestReaders::test_one_who_reads_nothing_is_cut_off",
    ),
    mutation(
        "So is who does not read the last answer of a connection.",
        "project/server/daphne_http.py",
        {
            "        self.holding.writing_until = self._clock() + UNREAD_S\n        super().loseConnection()": (
                "        super().loseConnection()"
            )
        },
        f"{TRAFFIC}::TestReaders::test_the_last_part_of_a_connection_must_be_read_too",
    ),
    mutation(
        "Deadlines of connections are looked at.",
        "project/server/connection_ledger.py",
        {"if one.late(now)": "if False"},
        f"{TRAFFIC}::TestReaders::test_one_who_reads_nothing_is_cut_off",
    ),
    mutation(
        "What connections make the process hold is bounded by address.",
        "project/server/connection_ledger.py",
        {"self._sizes.get(holding.address, 0) > self._of_address": "False"},
        f"{TRAFFIC}::TestLedger::test_an_address_with_too_much_loses_the_connection_that_stands_still",
    ),
    mutation(
        "It is bounded by process.",
        "project/server/connection_ledger.py",
        {"while self.size > self._of_all:": "while False:"},
        f"{TRAFFIC}::TestLedger::test_the_process_with_too_much_drops_one_of_the_address_that_has_most",
    ),
    mutation(
        "Memory goes back to the system when much is released.",
        "project/server/connection_ledger.py",
        {"self._released()": "pass"},
        f"{TRAFFIC}::TestLedger::test_memory_goes_back_when_much_is_released",
    ),
    mutation(
        "Answers that are not read count by address.",
        "project/server/daphne_http.py",
        {"self._unread = UNREAD_COST": "self._unread = 1"},
        f"{TRAFFIC}::TestReaders::test_what_it_counts_for",
    ),
    mutation(
        "A turn for a page ends when its answer begins.",
        "project/server/request_limiter.py",
        {"            end()\n            await send(message)": "            await send(message)"},
        f"{REQUESTS}::test_a_slow_reader_holds_nobody_up",
    ),
    mutation(
        "A reader of a recording holds one part of it.",
        "terminal/recordings.py",
        {"if token not in self._made:\n                return": "if False:\n                return"},
        f"{SPOKEN}::test_a_reader_of_a_recording_holds_one_part_of_it_and_ends_with_it",
    ),
    mutation(
        "A request has half a minute to be complete.",
        "project/server/daphne_http.py",
        {"ledger.clock\n        self.holding.reading_until = self._clock() + REQUEST_S\n": ("ledger.clock\n")},
        f"{TRAFFIC}::TestSenders::test_a_request_has_so_long_however_often_a_byte_comes",
    ),
    mutation(
        "A connection may be idle for a minute.",
        "project/server/daphne_http.py",
        {"self.holding.reading_until = self._clock() + IDLE_S": "pass"},
        f"{TRAFFIC}::TestSenders::test_an_idle_connection_ends_and_a_request_on_it_has_its_time",
    ),
    mutation(
        "What has arrived of a body counts.",
        "project/server/daphne_http.py",
        {"self.channel.count_body(self._received)": "pass"},
        f"{TRAFFIC}::TestSenders::test_what_has_arrived_of_a_body_counts_and_no_more",
    ),
    mutation(
        "Requests that are sent ahead count.",
        "project/server/daphne_http.py",
        {"self._ahead += len(data)": "pass"},
        f"{TRAFFIC}::TestSenders::test_requests_that_are_sent_ahead_count",
    ),
    mutation(
        "No body goes into a file.",
        "project/server/daphne_http.py",
        {"super().gotLength(0)": "super().gotLength(length)"},
        f"{TRAFFIC}::TestSenders::test_no_file_is_made_for_it",
    ),
    mutation(
        "Behind a proxy a request counts for the forwarded address.",
        "project/server/daphne_http.py",
        {"self.holding.move(traffic.client_of(self._other_end, named))": "pass"},
        f"{TRAFFIC}::TestSenders::test_behind_a_proxy_the_forwarded_address_counts_while_it_is_asked",
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
        f"{TRAFFIC}::TestSenders::test_after_a_refusal_no_more_requests_of_the_connection_are_answered",
    ),
    mutation(
        "A connection ends with the first error of the server's own.",
        "project/server/daphne_http.py",
        {"self.channel.persistent = False\n        super().basic_error": "pass\n        super().basic_error"},
        f"{TRAFFIC}::TestSenders::test_an_error_of_the_server_s_own_ends_the_connection",
    ),
]
