"""Bounds on the time to check a text."""

from tests.mutation.mutation import mutation

LINEAR = "tests/synthesis/test_linear_time.py"
CHECK = "tests/terminal/test_text_check.py"

MUTATIONS = (
    mutation(
        "Text is checked and normalized in linear time: symbols after a word.",
        "synthesis/text/normalization/tokenizer.py",
        {
            'core = rest.rstrip("-") if rest.endswith("-") else rest.rstrip(_TRAIL)': (
                'found = re.search(rf"[{re.escape(_TRAIL)}]+$|-+$", rest)\n'
                "    core = rest[: found.start()] if found else rest"
            )
        },
        f"{LINEAR}::test_time_grows_linearly_with_the_text",
    ),
    mutation(
        "Text is checked and normalized in linear time: spaces at the start of a line.",
        "synthesis/text/normalization/line_breaks.py",
        {'_QUOTE = re.compile(r"^': '_QUOTE = re.compile(r"'},
        f"{LINEAR}::test_time_grows_linearly_with_the_text",
    ),
    mutation(
        "Sentences in other languages are found in linear time.",
        "synthesis/text/annotation/other_languages.py",
        {"(?<![.!?…:])[.!?…:]++": "[.!?…:]+"},
        f"{LINEAR}::test_the_time_to_find_other_languages_grows_linearly",
    ),
    mutation(
        "Text is checked and normalized in linear time: combining marks.",
        "synthesis/text/normalization/unicode_folding.py",
        {"if row <= _MARKS_IN_A_ROW:": "if True:"},
        "tests/synthesis/text/test_validation.py::test_marks_beyond_any_language_are_dropped",
    ),
    mutation(
        "Numbers of any length are normalized without an error.",
        "synthesis/text/normalization/english/numbers.py",
        {"if len(significant) > 3 * len(_SCALES):": "if False:"},
        f"{LINEAR}::test_a_long_number_is_read_without_integer_conversion",
    ),
    mutation(
        "A voice is compiled only for an espeak-ng voice that exists.",
        "synthesis/voices/compiler/compiler.py",
        {"espeak_voice=find_voice(known.espeak_voice)": "espeak_voice=known.espeak_voice"},
        "tests/synthesis/voices/test_compiler.py::test_a_voice_of_a_language_that_espeak_has_not_is_refused",
    ),
    mutation(
        "A text is checked off the event loop.",
        "synthesis/pipeline/synthesizer.py",
        {"await self._check(partial(check_content, request, policy), policy)": "check_content(request, policy)"},
        CHECK,
    ),
    mutation(
        "The queue of texts to check is bounded.",
        "synthesis/pipeline/synthesizer.py",
        {"if self._checks.queued_jobs >= CHECKS_WAITING:": "if False:"},
        f"{CHECK}::test_the_text_validation_queue_is_bounded",
    ),
)
