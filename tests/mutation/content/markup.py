"""Controls of SSML and of pronunciation dictionaries."""

from tests.mutation.mutation import mutation

SSML = "tests/synthesis/text/annotation/test_ssml.py"
LEXICON = "tests/synthesis/text/annotation/test_lexicon.py"
PAGES = "tests/pronunciation/test_pages.py"

MUTATIONS = (
    mutation(
        "SSML has no document types and no entities (billion laughs).",
        "synthesis/text/annotation/ssml.py",
        {
            'parser.StartDoctypeDeclHandler = lambda *_: self._forbid("A document type")': "pass",
            'parser.EntityDeclHandler = lambda *_: self._forbid("An entity")': "pass",
        },
        f"{SSML}::test_errors_have_a_code_and_a_position",
    ),
    mutation(
        "The depth of SSML is bounded.",
        "synthesis/text/annotation/ssml.py",
        {"if len(self._elements) >= MAX_DEPTH:": "if False:"},
        f"{SSML}::test_errors_have_a_code_and_a_position",
    ),
    mutation(
        "The voices of a text are bounded.",
        "synthesis/pipeline/text_reading.py",
        {"if len(voices) > MAX_VOICES:": "if False:"},
        "tests/synthesis/test_annotated_speech.py::test_the_text_can_change_the_voice",
    ),
    mutation(
        "The voices for other languages of a text are bounded.",
        "synthesis/text/annotation/other_languages.py",
        {"if unit.language in others))[:most]": "if unit.language in others))"},
        "tests/synthesis/text/annotation/test_other_languages.py::test_at_most_as_many_languages_as_a_text_may_have_voices",
    ),
    mutation(
        "The languages of texts are bounded.",
        "synthesis/text/annotation/ssml.py",
        {"known = canonical_language(language)": "known = language"},
        f"{SSML}::test_languages_of_a_text_are_few",
    ),
    mutation(
        "Pauses are bounded.",
        "synthesis/text/annotation/reader.py",
        {
            "total = min((word.annotation.pause_s or 0.0) + seconds, MAX_PAUSE_S)": (
                "total = (word.annotation.pause_s or 0.0) + seconds"
            )
        },
        f"{SSML}::test_pauses_add_up_to_the_maximum",
    ),
    mutation(
        "Pronunciation files have no document types and no entities (billion laughs).",
        "pronunciation/formats.py",
        {
            "self._parser.StartDoctypeDeclHandler = self._refuse": "pass",
            "self._parser.EntityDeclHandler = self._refuse": "pass",
        },
        f"{PAGES}::test_a_file_with_an_error_changes_nothing",
    ),
    mutation(
        "Exported pronunciations contain no formulas (CSV injection).",
        "pronunciation/formats.py",
        {"if text.startswith(_FORMULA) else text": "if False else text"},
        f"{PAGES}::test_a_dictionary_is_exported_and_imported",
    ),
    mutation(
        "Entries of other accounts are out of reach.",
        "pronunciation/dictionaries.py",
        {"rows = Pronunciation.objects.filter(dictionary__user=owner)\n": "rows = Pronunciation.objects.all()\n"},
        f"{PAGES}::test_other_accounts_entries_are_out_of_reach",
    ),
    mutation(
        "Dictionaries are bounded.",
        "pronunciation/dictionaries.py",
        {"if count > MAX_ENTRIES:": "if False:"},
        f"{PAGES}::test_a_dictionary_has_a_maximum_size",
    ),
    mutation(
        "Cached dictionaries are bounded.",
        "pronunciation/lexicons.py",
        {"while len(self._built) > 1 and": "while False and"},
        "tests/pronunciation/test_lexicons.py::test_cached_dictionaries_are_bounded",
    ),
    mutation(
        "Entries of dictionaries cannot recur.",
        "synthesis/text/annotation/lexicon.py",
        {"        done = end\n": "        done = at + 1\n"},
        LEXICON,
    ),
)
