"""Controls of admission and flow control."""

from tests.mutation.mutation import mutation

ADMISSION = "tests/synthesis/pool/test_admission.py"
TOKENS = "tests/synthesis/limits/test_resume_tokens.py"
GATEWAY = "tests/synthesis/test_gateway.py::TestResumption"
STREAM = "tests/synthesis/pipeline/test_utterance_stream.py"
WAITING = "tests/terminal/test_waiting.py"

MUTATIONS = [
    mutation(
        "An utterance starts only if all running ones stay in real time with it.",
        "synthesis/pool/admission.py",
        {"self.load() + self._cost(ticket) <= self._target_of(ticket) + beyond": "beyond >= 0"},
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
        "synthesis/pool/waiting_line.py",
        {"            lane.move_to_end(ticket.person)\n": "            pass\n"},
        f"{ADMISSION}::test_accounts_and_addresses_take_turns",
    ),
    mutation(
        "The waiting line is bounded.",
        "synthesis/pool/admission.py",
        {"if len(self._waiting) >= MAX_WAITING:": "if False:"},
        f"{ADMISSION}::test_the_waiting_line_is_bounded",
    ),
    mutation(
        "Short texts overtake only within a reserve.",
        "synthesis/pool/admission.py",
        {"return ticket.is_short and not resumed and self._fits(ticket, OVERTAKING)": "return ticket.is_short"},
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
    mutation(
        "Resumed utterances use more of the workers' time than new ones only within a bound.",
        "synthesis/pool/admission.py",
        {"return self._target + OVERTAKING if ticket.is_resumed": "return 9.0 if ticket.is_resumed"},
        f"{ADMISSION}::TestResumedUtterances::test_they_may_exceed_the_target_within_a_bound",
    ),
    mutation(
        "A resume token is signed.",
        "synthesis/limits/resume_tokens.py",
        {
            "self._signer.unsign_object(token)": (
                "signing.JSONSerializer().loads(signing.b64_decode(token.rsplit(':', 1)[0].encode()))"
            )
        },
        f"{TOKENS}::test_a_forged_token_is_not_valid",
    ),
    mutation(
        "A resume token is bound to its owner, voice, speed and text.",
        "synthesis/limits/resume_tokens.py",
        {"secrets.compare_digest(grant.digest, claim.digest)": "True"},
        f"{TOKENS}::test_a_token_is_bound_to_its_owner_and_text",
    ),
    mutation(
        "A resume token expires when the admitted audio would have been played.",
        "synthesis/limits/resume_tokens.py",
        {"self._clock() + claim.estimated_s <= grant.until": "True"},
        f"{TOKENS}::test_a_token_expires_when_its_audio_would_have_been_played",
    ),
    mutation(
        "An utterance goes before new ones a limited number of times.",
        "synthesis/limits/resume_tokens.py",
        {"grant.resumptions < MAX_RESUMPTIONS": "True"},
        f"{TOKENS}::test_resuming_extends_nothing_and_its_number_is_bounded",
    ),
    mutation(
        "A resume token is used once.",
        "synthesis/gateway.py",
        {"return grant if await self._rate_limiter.use_once(grant.cache_key, left_s) else None": "return grant"},
        f"{GATEWAY}::test_a_token_is_used_once",
    ),
    mutation(
        "An utterance that runs in this process cannot be resumed beside itself.",
        "synthesis/gateway.py",
        {"if running is not None and running.is_running:": "if False:"},
        f"{GATEWAY}::test_a_running_utterance_cannot_be_resumed_beside_itself",
    ),
]
