"""Bytes, frames and connections, below the application."""

from tests.defences.defence import defence

CONNECTION = "tests/terminal/test_connection.py"
FRAMES = f"{CONNECTION}::TestFrames"
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
        {"self._unread.size += len(data)": "self._unread.size += len(data) * (data[0] != 0x8A)"},
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
]
