"""Controls of admission and flow control."""

from tests.mutation.mutation import mutation

ADMISSION = "tests/synthesis/pool/test_admission.py"
STREAM = "tests/synthesis/pipeline/test_utterance_stream.py"
WAITING = "tests/terminal/test_waiting.py"

MUTATIONS = [
    mutation(
        "An utterance starts only if all running ones stay in real time with it.",
        "synthesis/pool/admission.py",
        {"self.load() + self._cost(ticket) <= target": "target > 0"},
        f"{ADMISSION}::test_utterances_run_while_the_load_stays_below_the_target",
    ),
    mutation(
        "Only the cost under full load decides how many utterances run.",
        "synthesis/pool/capacity.py",
        {"        if saturated:\n": "        if audio_s:\n"},
        f"{ADMISSION}::TestCapacityMeter::test_the_cost_under_full_load_counts",
    ),
    mutation(
        "Accounts and addresses take turns in the waiting line, so many utterances of one delay no others.",
        "synthesis/pool/admission.py",
        {"            self._waiting.move_to_end(person)\n": ""},
        f"{ADMISSION}::test_accounts_and_addresses_take_turns",
    ),
    mutation(
        "The waiting line is bounded.",
        "synthesis/pool/admission.py",
        {"if self._count >= MAX_WAITING:": "if False:"},
        f"{ADMISSION}::test_the_waiting_line_is_bounded",
    ),
    mutation(
        "Short texts overtake only within a reserve.",
        "synthesis/pool/admission.py",
        {"return ticket.is_short and self._fits(ticket, self._target + OVERTAKING)": "return ticket.is_short"},
        f"{ADMISSION}::test_short_texts_overtake_within_a_bound",
    ),
    mutation(
        "A client that takes no audio does not occupy the capacity of others.",
        "synthesis/pool/admission.py",
        {"return self._admission.clock() - self._progress_at > STALLED_S": "return False"},
        f"{ADMISSION}::test_a_client_that_takes_no_audio_does_not_count",
    ),
    mutation(
        "A cancelled utterance leaves the waiting line.",
        "synthesis/gateway.py",
        {"                else:\n                    ticket.close()\n": ""},
        f"{WAITING}::test_a_cancelled_utterance_leaves_the_waiting_line",
    ),
    mutation(
        "Only the same text takes over the place of a cancelled utterance.",
        "synthesis/gateway.py",
        {"if text == request.text:": "if text:"},
        f"{WAITING}::test_another_text_after_a_cancel_waits_for_its_turn",
    ),
    mutation(
        "An HTTP request waits for admission only for a limited time.",
        "synthesis/gateway.py",
        {"None if until is None else until - loop.time()": "None"},
        f"{WAITING}::TestOverHttp::test_an_http_request_waits_and_then_gets_503",
    ),
    mutation(
        "No window begins beyond the client's credit.",
        "synthesis/pipeline/utterance_stream.py",
        {"self._parked = sample >= limit": "self._parked = False"},
        f"{STREAM}::test_no_window_begins_beyond_the_credit",
        f"{WAITING}::TestReports::test_a_client_that_never_reports",
    ),
    mutation(
        "Playback reports beyond the sent audio give no more credit.",
        "terminal/socket/speech_session.py",
        {"min(sample, utterance.sent)": "sample"},
        f"{WAITING}::TestReports::test_reports_beyond_the_sent_audio",
    ),
    mutation(
        "A closed stream cancels its windows.",
        "synthesis/pipeline/utterance_stream.py",
        {"                    encoded.audio.cancel()\n": "                    pass\n"},
        f"{STREAM}::test_a_closed_stream_decodes_no_more",
    ),
]
