"""Text, and espeak-ng."""

from tests.mutation.mutation import mutation

CHECK = "tests/synthesis/text/test_validation.py"
NORMALIZE = "tests/synthesis/text/test_normalizer.py"
PHONEMES = "tests/synthesis/phonemes/test_phonemizer.py"
SEGMENT = "tests/synthesis/text/test_segmentation.py"
SOCKET = "tests/terminal/test_socket.py"
API = "tests/synthesis/api/test_api.py"

MUTATIONS = [
    mutation(
        "A text is looked at before any work.",
        "synthesis/pipeline/request.py",
        {
            "check_size(text, policy.max_text_length)": "pass",
            (
                "check_text(\n"
                "        request.text, language=request.voice.language, limit=policy.max_text_length, "
                "symbols=policy.allowed_symbols\n"
                "    )"
            ): "pass",
        },
        f"{SOCKET}::test_bad_input_is_refused_before_any_synthesis",
        f"{API}::test_what_is_wrong_is_named",
    ),
    mutation(
        "A speed is within its bounds.",
        "synthesis/pipeline/request.py",
        {"if not policy.min_speed <= speed <= policy.max_speed:": "if False:"},
        f"{SOCKET}::test_bad_input_is_refused_before_any_synthesis",
        f"{API}::test_what_is_wrong_is_named",
    ),
    mutation(
        "A voice is one of the catalog, and never a path.",
        "synthesis/catalog.py",
        {"if entry.id == voice_id:": "if True:"},
        f"{API}::test_what_is_wrong_is_named",
    ),
    mutation(
        "A text that is too long is refused.",
        "synthesis/text/validation.py",
        {"if len(text) > limit:": "if False:"},
        f"{CHECK}::test_too_long",
    ),
    mutation(
        "Lone surrogates, and what is no character, are refused.",
        "synthesis/text/validation.py",
        {'_refuse_first(_ENCODING, text, "text_encoding", message)': "pass"},
        f"{CHECK}::test_what_is_no_character",
    ),
    mutation(
        "Control characters are refused.",
        "synthesis/text/validation.py",
        {"_refuse_first(_CONTROL, ESCAPE": "(lambda *_: None)(_CONTROL, ESCAPE"},
        f"{CHECK}::test_control_characters",
    ),
    mutation(
        "Piled-up marks are refused.",
        "synthesis/text/validation.py",
        {"    _check_combining(text)\n    if symbols": "    if symbols"},
        f"{CHECK}::test_combining_marks_without_a_letter",
    ),
    mutation(
        "What the voice's language cannot say is refused.",
        "synthesis/text/validation.py",
        {"    _check_letters(text, tokens, language)\n": ""},
        f"{CHECK}::test_letters_of_another_script",
    ),
    mutation(
        "What has no sound is refused.",
        "synthesis/text/validation.py",
        {"if not (english.has_sound(tokens) if is_english else generic.has_sound(tokens)):": "if False:"},
        f"{CHECK}::test_nothing_in_it_has_a_sound",
    ),
    mutation(
        "A refusal repeats little of a text.",
        "synthesis/text/validation.py",
        {'word if len(word) <= _REPEATED else f"{word[: _REPEATED - 1]}…"': "word"},
        f"{CHECK}::test_an_error_repeats_little_of_what_was_sent",
    ),
    mutation(
        "espeak-ng never gets a text as it came.",
        "synthesis/text/normalizer.py",
        {
            'words = normalize_english(text, language.lower().replace("_", "-").partition("-")[2])': (
                "words = [Word(text, 0, len(text))]"
            )
        },
        f"{NORMALIZE}::test_english_is_letters_and_apostrophes",
    ),
    mutation(
        "espeak-ng gets no part of more than 40 characters.",
        "synthesis/text/normalizer.py",
        {"if len(word.spoken) <= MAX_WORD_LENGTH:": "if True:"},
        f"{NORMALIZE}::test_no_part_is_longer_than_espeak_reads",
    ),
    mutation(
        "espeak-ng gets segments of at most 260 characters.",
        "synthesis/text/segmentation.py",
        {"if left > MAX_LENGTH else None": "if False else None"},
        SEGMENT,
    ),
    mutation(
        "espeak-ng gets one call at a time.",
        "synthesis/phonemes/espeak.py",
        {"with _lock:\n        library =": "if True:\n        library ="},
        f"{PHONEMES}::test_one_call_at_a_time",
    ),
    mutation(
        "espeak-ng's voices have names, and never paths.",
        "synthesis/voices/importers/metadata.py",
        {"if not _ESPEAK_VOICE.fullmatch(value):": "if False:"},
        "tests/synthesis/voices/test_piper_import.py::test_settings_that_do_not_fit_are_refused",
    ),
    mutation(
        "Which sounds belong to which word is found in time, however many there are.",
        "synthesis/phonemes/alignment.py",
        {"_COMPARED = 120": "_COMPARED = 10**9"},
        f"{PHONEMES}::test_long_groups_are_cut_in_proportion",
    ),
]
