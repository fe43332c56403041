"""Controls of the characters charged for a text, and of the data that requests and accounts leave behind."""

from tests.mutation.mutation import mutation

BILLING = "tests/synthesis/test_billing.py"

MUTATIONS = [
    mutation(
        "Digits and symbols are charged by their spoken length.",
        "synthesis/limits/policy.py",
        {"_SPOKEN_AS.get(category(character), 1)": "len(character)"},
        f"{BILLING}::test_the_estimate_matches_the_duration",
    ),
    mutation(
        "Slow speech is charged by its duration.",
        "synthesis/limits/policy.py",
        {"in counts.items()) / speed": "in counts.items())"},
        f"{BILLING}::test_speed_scales_the_charge",
    ),
    mutation(
        "Audio beyond the estimate is charged during synthesis.",
        "synthesis/pipeline/synthesizer.py",
        {"await bill(_characters(item.last_sample - request.start, voice))": "pass"},
        f"{BILLING}::test_the_audio_of_every_segment_is_charged",
    ),
    mutation(
        "A recording holds its concurrency slot until the work ends, even if the browser has disconnected.",
        "terminal/views.py",
        {
            "wav = await _recordings.get(token, lambda: collect_wav(client.events(request)), client.subject.key)": (
                "wav = await collect_wav(client.events(request))\n"
                "        _recordings.keep(token, wav, client.subject.key)"
            )
        },
        "tests/terminal/test_recordings.py::test_a_disconnected_client_holds_its_slot_until_synthesis_ends",
    ),
    mutation(
        "A deleted account leaves nothing in the write-ahead log.",
        "accounts/receivers.py",
        {"transaction.on_commit(truncate_log)": "pass"},
        "tests/accounts/test_erasure.py::test_a_deleted_accounts_name_is_in_no_file",
    ),
    mutation(
        "A form in an unknown encoding is rejected before it is decoded.",
        "project/security/form_encoding.py",
        {'return codecs.lookup(charset).name != "utf-8"': "return False", "return True": "return False"},
        "tests/project/security/test_form_encoding.py::test_an_undecodable_form_gets_400",
    ),
]
"""Every control of this kind."""
