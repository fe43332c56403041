"""Text, and espeak-ng."""

from tests.defences.defence import defence

CHECK = "tests/synthesis/test_check_text.py"
NORMALISE = "tests/synthesis/test_normalise.py"
PHONEMES = "tests/synthesis/test_phonemes.py"
SEGMENT = "tests/synthesis/test_segment.py"
SOCKET = "tests/terminal/test_socket.py"
API = "tests/synthesis/test_api.py"

DEFENCES = [
    defence(
        "A text is looked at before any work.",
        "synthesis/speech.py",
        {
            "check_size(text, policy.text)": "pass",
            "check_text(request.text, language=request.voice.language, limit=policy.text, ": "dict(",
        },
        f"{SOCKET}::test_bad_input_is_refused_before_any_synthesis",
        f"{API}::test_what_is_wrong_is_named",
    ),
    defence(
        "A speed is within its bounds.",
        "synthesis/speech.py",
        {"if not policy.slowest <= speed <= policy.fastest:": "if False:"},
        f"{SOCKET}::test_bad_input_is_refused_before_any_synthesis",
        f"{API}::test_what_is_wrong_is_named",
    ),
    defence(
        "A voice is one of the catalogue, and never a path.",
        "synthesis/catalogue.py",
        {"if entry.id == voice_id:": "if True:"},
        f"{API}::test_what_is_wrong_is_named",
    ),
    defence(
        "A text that is too long is refused.",
        "synthesis/normalise/check.py",
        {"if len(text) > limit:": "if False:"},
        f"{CHECK}::test_too_long",
    ),
    defence(
        "Lone surrogates, and what is no character, are refused.",
        "synthesis/normalise/check.py",
        {'_refuse_first(_ENCODING, text, "text_encoding", message)': "pass"},
        f"{CHECK}::test_what_is_no_character",
    ),
    defence(
        "Control characters are refused.",
        "synthesis/normalise/check.py",
        {"_refuse_first(_CONTROL, ESCAPE": "(lambda *_: None)(_CONTROL, ESCAPE"},
        f"{CHECK}::test_control_characters",
    ),
    defence(
        "Piled-up marks are refused.",
        "synthesis/normalise/check.py",
        {"    _check_combining(text)\n    if symbols": "    if symbols"},
        f"{CHECK}::test_combining_marks_without_a_letter",
    ),
    defence(
        "What the voice's language cannot say is refused.",
        "synthesis/normalise/check.py",
        {"    _check_letters(text, tokens, language)\n": ""},
        f"{CHECK}::test_letters_of_another_script",
    ),
    defence(
        "What has no sound is refused.",
        "synthesis/normalise/check.py",
        {"if not (english.has_sound(tokens) if is_english else plain.has_sound(tokens)):": "if False:"},
        f"{CHECK}::test_nothing_in_it_has_a_sound",
    ),
    defence(
        "A refusal repeats little of a text.",
        "synthesis/normalise/check.py",
        {'word if len(word) <= _REPEATED else f"{word[: _REPEATED - 1]}…"': "word"},
        f"{CHECK}::test_an_error_repeats_little_of_what_was_sent",
    ),
    defence(
        "espeak-ng never gets a text as it came.",
        "synthesis/normalise/__init__.py",
        {
            'words = normalise_english(text, language.lower().replace("_", "-").partition("-")[2])': (
                "words = [Word(text, 0, len(text))]"
            )
        },
        f"{NORMALISE}::test_english_is_letters_and_apostrophes",
    ),
    defence(
        "espeak-ng gets no part of more than 40 characters.",
        "synthesis/normalise/__init__.py",
        {"if len(word.spoken) <= LONGEST_WORD:": "if True:"},
        f"{NORMALISE}::test_no_part_is_longer_than_espeak_reads",
    ),
    defence(
        "espeak-ng gets segments of at most 260 characters.",
        "synthesis/segment.py",
        {"if left > LONGEST else None": "if False else None"},
        SEGMENT,
    ),
    defence(
        "espeak-ng gets one call at a time.",
        "synthesis/espeak.py",
        {"with _lock:\n        library =": "if True:\n        library ="},
        f"{PHONEMES}::test_one_call_at_a_time",
    ),
    defence(
        "espeak-ng's voices have names, and never paths.",
        "synthesis/voices/facts.py",
        {"if not _ESPEAK_VOICE.fullmatch(value):": "if False:"},
        "tests/synthesis/test_piper_import.py::test_settings_that_do_not_fit_are_refused",
    ),
    defence(
        "Which sounds belong to which word is found in time, however many there are.",
        "synthesis/alignment.py",
        {"_COMPARED = 120": "_COMPARED = 10**9"},
        f"{PHONEMES}::test_long_groups_are_cut_in_proportion",
    ),
]
