"""Controls of text validation and of the input to espeak-ng."""

from tests.mutation.mutation import mutation

CHECK = "tests/synthesis/text/test_validation.py"
NORMALIZE = "tests/synthesis/text/test_normalizer.py"
PHONEMES = "tests/synthesis/phonemes/test_phonemizer.py"
SEGMENT = "tests/synthesis/text/test_segmentation.py"
SOCKET = "tests/terminal/test_socket.py"
API = "tests/synthesis/api/test_api.py"
EXPLAIN = "tests/synthesis/api/test_explain.py"

MUTATIONS = [
    mutation(
        "A text is validated before any synthesis.",
        "synthesis/pipeline/request.py",
        {"check_size(text, policy.max_text_length)": "pass"},
        f"{API}::test_invalid_requests_get_an_error_code",
    ),
    mutation(
        "The content of a text is validated before any synthesis.",
        "synthesis/pipeline/text_reading.py",
        {
            "check_characters(request.text)": "pass",
            "check_spoken(request.text, language=language, symbols=symbols)": "pass",
        },
        f"{SOCKET}::test_invalid_input_is_rejected_before_any_synthesis",
    ),
    mutation(
        "The content of SSML is validated before any synthesis.",
        "synthesis/pipeline/text_reading.py",
        {"_check_annotated(annotated, language, symbols)": "pass"},
        "tests/synthesis/test_annotated_speech.py::test_the_content_of_ssml_is_checked_like_text",
    ),
    mutation(
        "The explanation of a text is charged before it is computed.",
        "synthesis/api/views.py",
        {"await client.charge(speech_request)\n    explanation": "await client.quota()\n    explanation"},
        f"{EXPLAIN}::test_explain_is_charged_like_speech",
    ),
    mutation(
        "A speed out of range is rejected.",
        "synthesis/pipeline/request.py",
        {"if not policy.min_speed <= speed <= policy.max_speed:": "if False:"},
        f"{SOCKET}::test_invalid_input_is_rejected_before_any_synthesis",
        f"{API}::test_invalid_requests_get_an_error_code",
    ),
    mutation(
        "A voice must be in the catalog; paths are rejected (path traversal).",
        "synthesis/catalog.py",
        {"if entry.id == voice_id:": "if True:"},
        f"{API}::test_invalid_requests_get_an_error_code",
    ),
    mutation(
        "A text over the length limit is rejected.",
        "synthesis/text/validation.py",
        {"if len(text) > limit:": "if False:"},
        f"{CHECK}::test_too_long",
    ),
    mutation(
        "Lone surrogates and noncharacters are rejected.",
        "synthesis/text/validation.py",
        {'_refuse_first(_ENCODING, text, "text_encoding", message)': "pass"},
        f"{CHECK}::test_invalid_characters_are_rejected",
    ),
    mutation(
        "Control characters are rejected.",
        "synthesis/text/validation.py",
        {"_refuse_first(_CONTROL, ESCAPE": "(lambda *_: None)(_CONTROL, ESCAPE"},
        f"{CHECK}::test_control_characters",
    ),
    mutation(
        "Long runs of combining marks are rejected.",
        "synthesis/text/validation.py",
        {"    _check_combining(text)\n    if symbols": "    if symbols"},
        f"{CHECK}::test_combining_marks_without_a_letter",
    ),
    mutation(
        "Characters that the voice's language cannot speak are rejected.",
        "synthesis/text/validation.py",
        {"    _check_letters(text, tokens, language)\n": ""},
        f"{CHECK}::test_letters_of_another_script",
    ),
    mutation(
        "A text without speakable characters is rejected.",
        "synthesis/text/validation.py",
        {"if not (english.has_sound(tokens) if is_english else generic.has_sound(tokens)):": "if False:"},
        f"{CHECK}::test_nothing_in_it_has_a_sound",
    ),
    mutation(
        "An error message quotes a bounded part of the text.",
        "synthesis/text/validation.py",
        {'word if len(word) <= _REPEATED else f"{word[: _REPEATED - 1]}…"': "word"},
        f"{CHECK}::test_an_error_message_truncates_the_input",
    ),
    mutation(
        "espeak-ng receives only normalized text.",
        "synthesis/text/normalizer.py",
        {
            'words = normalize_english(text, language.lower().replace("_", "-").partition("-")[2])': (
                "words = [Word(text, 0, len(text))]"
            )
        },
        f"{NORMALIZE}::test_english_is_letters_and_apostrophes",
    ),
    mutation(
        "espeak-ng receives words of at most 40 characters.",
        "synthesis/text/normalizer.py",
        {"if len(word.spoken) <= MAX_WORD_LENGTH:": "if True:"},
        f"{NORMALIZE}::test_no_part_is_longer_than_espeak_reads",
    ),
    mutation(
        "espeak-ng receives segments of at most 260 characters.",
        "synthesis/text/segmentation.py",
        {"if left > MAX_LENGTH else None": "if False else None"},
        SEGMENT,
    ),
    mutation(
        "Calls to espeak-ng are serialized.",
        "synthesis/phonemes/espeak.py",
        {"with _lock:\n        library =": "if True:\n        library ="},
        f"{PHONEMES}::test_one_call_at_a_time",
    ),
    mutation(
        "espeak-ng voices are selected by name; paths are rejected (path traversal).",
        "synthesis/voices/importers/metadata.py",
        {"if not _ESPEAK_VOICE.fullmatch(value):": "if False:"},
        "tests/synthesis/voices/test_piper_import.py::test_settings_that_do_not_fit_are_refused",
    ),
    mutation(
        "Phonemes are aligned with words in bounded time.",
        "synthesis/phonemes/alignment.py",
        {"_COMPARED = 120": "_COMPARED = 10**9"},
        f"{PHONEMES}::test_long_groups_are_split_in_proportion",
    ),
]
