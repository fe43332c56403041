"""Bytes, frames and connections, below the application."""

from tests.defences.defence import defence

CONNECTION = "tests/terminal/test_connection.py"
FRAMES = f"{CONNECTION}::TestFrames"
TRAFFIC = "tests/terminal/test_traffic.py"
REQUESTS = "tests/terminal/test_abuse.py::TestRequests"
SPOKEN = "tests/terminal/test_spoken.py"
PROXY = "tests/project/test_proxy.py"

DEFENCES = [
    defence(
        "Frames of every kind are limited by socket.",
        "terminal/connection.py",
        {"if self._frames < 0:": "if False:"},
        f"{FRAMES}::test_a_socket_that_floods_is_closed_as_a_flood",
    ),
    defence(
        "A turn of the event loop parses few frames.",
        "terminal/connection.py",
        {"while goes_on and self._parsed < FRAMES_A_TURN:": "while goes_on:"},
        f"{FRAMES}::test_a_turn_of_the_loop_parses_a_few_and_reads_nothing_meanwhile",
    ),
    defence(
        "A socket with unparsed frames reads no more of them.",
        "terminal/connection.py",
        {
            "            self.transport.pauseProducing()\n            self._turn": "            self._turn",
        },
        f"{FRAMES}::test_a_turn_of_the_loop_parses_a_few_and_reads_nothing_meanwhile",
    ),
    defence(
        "Frames are limited by address, over all its sockets.",
        "terminal/traffic.py",
        {"if address is None or self._frames.take(": "if True or self._frames.take("},
        f"{FRAMES}::test_an_address_has_so_many_over_all_its_sockets",
    ),
    defence(
        "Answers to pings count as unread.",
        "terminal/connection.py",
        {"self._unread.add(len(data))": "self._unread.add(len(data) * (data[0] != 0x8A))"},
        f"{FRAMES}::test_answers_to_pings_count_as_unread",
    ),
    defence(
        "Behind a proxy the forwarded address is counted.",
        "project/proxy.py",
        {
            "        client = self._client(peer, _listed(headers, FORWARDED_FOR))": "        client = peer",
        },
        f"{PROXY}::test_the_client_that_a_connection_counts_for",
    ),
    defence(
        "The application waits until what it sent was passed on.",
        "terminal/responses.py",
        {"await protocol.writable()": "pass"},
        f"{TRAFFIC}::TestReaders::test_the_application_waits_for_its_reader",
        f"{TRAFFIC}::test_many_slow_readers_of_a_recording_cost_little",
    ),
    defence(
        "Answers wait for their readers on the way that is served.",
        "terminal/management/commands/serve.py",
        {
            "BoundedServer(": "daphne.server.Server(",
            "            traffic=traffic,\n": "",
        },
        f"{TRAFFIC}::test_many_slow_readers_of_a_recording_cost_little",
    ),
    defence(
        "Who reads nothing for half a minute is cut off.",
        "terminal/bodies.py",
        {
            "            self.holding.writing_until = self._clock() + UNREAD_S\n            self._count": (
                "            self._count"
            )
        },
        f"{TRAFFIC}::TestReaders::test_one_who_reads_nothing_is_cut_off",
    ),
    defence(
        "So is who does not read the last answer of a connection.",
        "terminal/bodies.py",
        {
            "        self.holding.writing_until = self._clock() + UNREAD_S\n        super().loseConnection()": (
                "        super().loseConnection()"
            )
        },
        f"{TRAFFIC}::TestReaders::test_the_last_part_of_a_connection_must_be_read_too",
    ),
    defence(
        "Deadlines of connections are looked at.",
        "terminal/traffic.py",
        {"if one.late(now)": "if False"},
        f"{TRAFFIC}::TestReaders::test_one_who_reads_nothing_is_cut_off",
    ),
    defence(
        "What connections make the process hold is bounded by address.",
        "terminal/traffic.py",
        {"self._sizes.get(holding.address, 0) > self._of_address": "False"},
        f"{TRAFFIC}::TestLedger::test_an_address_with_too_much_loses_the_connection_that_stands_still",
    ),
    defence(
        "It is bounded by process.",
        "terminal/traffic.py",
        {"while self.size > self._of_all:": "while False:"},
        f"{TRAFFIC}::TestLedger::test_the_process_with_too_much_drops_one_of_the_address_that_has_most",
    ),
    defence(
        "Memory goes back to the system when much is released.",
        "terminal/traffic.py",
        {"self._released()": "pass"},
        f"{TRAFFIC}::TestLedger::test_memory_goes_back_when_much_is_released",
    ),
    defence(
        "Answers that are not read count by address.",
        "terminal/bodies.py",
        {"self._unread = UNREAD_COST": "self._unread = 1"},
        f"{TRAFFIC}::TestReaders::test_what_it_counts_for",
    ),
    defence(
        "A turn for a page ends when its answer begins.",
        "terminal/requests.py",
        {"            end()\n            await send(message)": "            await send(message)"},
        f"{REQUESTS}::test_a_slow_reader_holds_nobody_up",
    ),
    defence(
        "A reader of a recording holds one part of it.",
        "terminal/spoken.py",
        {"if token not in self._made:\n                return": "if False:\n                return"},
        f"{SPOKEN}::test_a_reader_of_a_recording_holds_one_part_of_it_and_ends_with_it",
    ),
    defence(
        "A request has half a minute to be complete.",
        "terminal/bodies.py",
        {"ledger.clock\n        self.holding.reading_until = self._clock() + REQUEST_S\n": ("ledger.clock\n")},
        f"{TRAFFIC}::TestSenders::test_a_request_has_so_long_however_often_a_byte_comes",
    ),
    defence(
        "A connection may be idle for a minute.",
        "terminal/bodies.py",
        {"self.holding.reading_until = self._clock() + IDLE_S": "pass"},
        f"{TRAFFIC}::TestSenders::test_an_idle_connection_ends_and_a_request_on_it_has_its_time",
    ),
    defence(
        "What has arrived of a body counts.",
        "terminal/bodies.py",
        {"self.channel.count_body(self._received)": "pass"},
        f"{TRAFFIC}::TestSenders::test_what_has_arrived_of_a_body_counts_and_no_more",
    ),
    defence(
        "Requests that are sent ahead count.",
        "terminal/bodies.py",
        {"self._ahead += len(data)": "pass"},
        f"{TRAFFIC}::TestSenders::test_requests_that_are_sent_ahead_count",
    ),
    defence(
        "No body goes into a file.",
        "terminal/bodies.py",
        {"super().gotLength(0)": "super().gotLength(length)"},
        f"{TRAFFIC}::TestSenders::test_no_file_is_made_for_it",
    ),
    defence(
        "Behind a proxy a request counts for the forwarded address.",
        "terminal/bodies.py",
        {"self.holding.move(traffic.client_of(self._other_end, named))": "pass"},
        f"{TRAFFIC}::TestSenders::test_behind_a_proxy_the_forwarded_address_counts_while_it_is_asked",
    ),
    defence(
        "Tiny chunks count for more than they hold.",
        "terminal/bodies.py",
        {"len(data) + self._chunk_cost": "len(data)"},
        f"{TRAFFIC}::TestSenders::test_tiny_chunks_are_refused_and_parsed_no_further",
    ),
    defence(
        "What is refused is parsed no further.",
        "terminal/bodies.py",
        {"raise _RefusedError": "return"},
        f"{TRAFFIC}::TestSenders::test_tiny_chunks_are_refused_and_parsed_no_further",
    ),
    defence(
        "A connection ends with the first refusal of a request.",
        "terminal/bodies.py",
        {'message.get("status") == 429': "False"},
        f"{TRAFFIC}::TestSenders::test_after_a_refusal_no_more_requests_of_the_connection_are_answered",
    ),
    defence(
        "A connection ends with the first error of the server's own.",
        "terminal/bodies.py",
        {"self.channel.persistent = False\n        super().basic_error": "pass\n        super().basic_error"},
        f"{TRAFFIC}::TestSenders::test_an_error_of_the_server_s_own_ends_the_connection",
    ),
]
