"""What checking a text may cost."""

from tests.defences.defence import defence

LINEAR = "tests/synthesis/test_linear_time.py"
CHECK = "tests/terminal/test_text_check.py"

DEFENCES = (
    defence(
        "Checking and normalizing takes time linear in the length of a text: signs behind a word.",
        "synthesis/normalise/scan.py",
        {
            'core = rest.rstrip("-") if rest.endswith("-") else rest.rstrip(_TRAIL)': (
                'found = re.search(rf"[{re.escape(_TRAIL)}]+$|-+$", rest)\n'
                "    core = rest[: found.start()] if found else rest"
            )
        },
        f"{LINEAR}::test_four_times_the_text_takes_four_times_as_long",
    ),
    defence(
        "Nor do blanks at the beginning of a line.",
        "synthesis/normalise/lines.py",
        {'_QUOTE = re.compile(r"^': '_QUOTE = re.compile(r"'},
        f"{LINEAR}::test_four_times_the_text_takes_four_times_as_long",
    ),
    defence(
        "Nor do combining marks.",
        "synthesis/normalise/folding.py",
        {"if row <= _MARKS_IN_A_ROW:": "if True:"},
        "tests/synthesis/test_check_text.py::test_marks_beyond_any_language_are_dropped",
    ),
    defence(
        "Numbers of any length are read.",
        "synthesis/normalise/numbers.py",
        {"if len(significant) > 3 * len(_SCALES):": "if False:"},
        f"{LINEAR}::test_a_long_number_is_read_and_not_converted",
    ),
    defence(
        "A voice is compiled only for an espeak-ng voice that exists.",
        "synthesis/voices/compiler.py",
        {"espeak_voice=find_voice(known.espeak_voice)": "espeak_voice=known.espeak_voice"},
        "tests/synthesis/test_compiler.py::test_a_voice_of_a_language_that_espeak_has_not_is_refused",
    ),
    defence(
        "A text is checked off the event loop.",
        "synthesis/speech.py",
        {
            "await _within(policy.timeout_s, self._checks.run(partial(check_content, request, policy), "
            "time.monotonic()))": "check_content(request, policy)"
        },
        CHECK,
    ),
    defence(
        "A request is counted before its text is checked.",
        "terminal/consumers.py",
        {
            "        await admission.request(self._subject, self._policy, request.characters)\n"
            "        await self._runtime.speech.check(request, self._policy)\n": (
                "        await self._runtime.speech.check(request, self._policy)\n"
                "        await admission.request(self._subject, self._policy, request.characters)\n"
            )
        },
        f"{CHECK}::test_of_a_tab",
    ),
    defence(
        "Texts that wait to be checked are bounded.",
        "synthesis/speech.py",
        {"if self._checks.waiting >= CHECKS_WAITING:": "if False:"},
        f"{CHECK}::test_texts_that_wait_to_be_checked_are_bounded",
    ),
)
