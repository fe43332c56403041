"""Limits that ``SpeechGateway`` applies for every caller."""

from tests.mutation.mutation import mutation

GATEWAY = "tests/synthesis/test_gateway.py"
CHECK = "tests/terminal/test_text_check.py"

MUTATIONS = [
    mutation(
        "A text is charged before it is checked.",
        "synthesis/gateway.py",
        {
            "quota = await self._rate_limiter.charge_request(": (
                "await self.check_text(request)\n        quota = await self._rate_limiter.charge_request("
            )
        },
        f"{GATEWAY}::test_a_text_is_charged_before_it_is_checked",
        f"{CHECK}::test_a_tab_validates_text_off_the_event_loop",
    ),
    mutation(
        "A text is checked for every caller.",
        "synthesis/gateway.py",
        {"        await self.check_text(request)\n        return quota": "        return quota"},
        f"{CHECK}::test_a_tab_validates_text_off_the_event_loop",
        f"{CHECK}::test_the_api_validates_text_off_the_event_loop",
        f"{CHECK}::test_the_form_validates_text_off_the_event_loop",
    ),
    mutation(
        "An utterance holds a concurrency slot while it is synthesized.",
        "synthesis/gateway.py",
        {"async with record, self._rate_limiter.utterance_slot(subject, policy):": "async with record:"},
        f"{GATEWAY}::test_events_hold_the_slot_until_they_are_closed",
        "tests/terminal/test_recordings.py::test_a_disconnected_client_holds_its_slot_until_synthesis_ends",
    ),
    mutation(
        "Audio beyond the estimate is charged to the client.",
        "synthesis/gateway.py",
        {"            self._rate_limiter.bill(subject, request.billable_characters),\n": ""},
        f"{GATEWAY}::test_audio_beyond_the_estimate_is_charged",
    ),
    mutation(
        "Nothing is cached for an account that refuses it.",
        "synthesis/limits/policy_store.py",
        {"policy if theirs.caches_speech else": "policy if True else"},
        "tests/synthesis/limits/test_rate_limiter.py::test_an_account_that_wants_nothing_stored_has_no_cache",
    ),
    mutation(
        "Utterances of different owners share no synthesis.",
        "synthesis/pipeline/segment_cache.py",
        {"(self.owner, key) if self.max_entries > 0 else None": "key"},
        "tests/synthesis/pipeline/test_single_flight.py::test_others_share_nothing",
    ),
    mutation(
        "Segments are cached per client, because the time to synthesize a text must not reveal who has sent it before.",
        "synthesis/gateway.py",
        {"for_owner(self.subject.key": 'for_owner("everyone"'},
        f"{GATEWAY}::test_segments_are_cached_per_client",
    ),
]
"""Every control of this kind."""
