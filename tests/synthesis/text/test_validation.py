"""Rejected texts, with their error codes and positions."""

import pytest

from synthesis.errors import TextError
from synthesis.limits.policy import PUNCTUATION
from synthesis.text.normalization.unicode_folding import fold_characters
from synthesis.text.validation import check_text


def refusal(text: str, language: str = "en-US", limit: int = 1000) -> TextError:
    with pytest.raises(TextError) as caught:
        check_text(text, language=language, limit=limit)
    assert caught.value.param == "text"
    assert caught.value.message.endswith(".")
    return caught.value


@pytest.mark.parametrize("text", ["", " ", "\n\t\r\n", "\u00a0\u2003"])
def test_nothing_to_say(text: str) -> None:
    assert refusal(text).code == "text_empty"


def test_too_long() -> None:
    error = refusal("🙂a" * 6, limit=10)
    assert (error.code, error.details) == ("text_too_long", {"limit": 10, "value": 12})
    check_text("🙂a" * 5, language="en-US", limit=10)


@pytest.mark.parametrize("code", [0xD800, 0xDFFF, 0xFFFE, 0xFFFF, 0xFDD0, 0x1FFFF, 0x10FFFE])
def test_invalid_characters_are_rejected(code: int) -> None:
    error = refusal(f"abc{chr(code)}")
    assert (error.code, error.details) == ("text_encoding", {"position": 3})


@pytest.mark.parametrize("char", ["\0", "\x07", "\x0b", "\x1b", "\x7f", "\x85", "\x9b", "\u202e", "\u2066", "\u2069"])
def test_control_characters(char: str) -> None:
    error = refusal(f"ab{char}")
    assert (error.code, error.details) == ("text_control", {"position": 2})


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[1;31mred\x1b[0m",
        "\x1b]0;title\x07hello",
        "\x1b]8;;http://a.b\x1b\\link\x1b]8;;\x1b\\",
        "\x9b31mred",
        "\x1b(Bhi",
    ],
)
def test_terminal_escapes_are_no_control_characters(text: str) -> None:
    check_text(text, language="en-US", limit=1000)


@pytest.mark.parametrize(
    ("text", "position"),
    [("\u0301a", 0), ("a q\u0303", 3), ("e\u0301\u0301\u0301", 1), ("x 5\u0301", 3), ("z\u0335\u0321", 1)],
)
def test_combining_marks_without_a_letter(text: str, position: int) -> None:
    error = refusal(text)
    assert (error.code, error.details) == ("text_combining", {"position": position})


@pytest.mark.parametrize(
    ("text", "language"), [("e\u0301", "en"), ("e\u0302\u0323", "vi"), ("замо\u0301к", "ru"), ("مَرْحَبًا", "ar")]
)
def test_combining_marks_that_belong(text: str, language: str) -> None:
    check_text(text, language=language, limit=1000)


@pytest.mark.parametrize(
    ("text", "language", "position", "word", "name", "script"),
    [
        ("say Привет, please", "en-US", 4, "Привет", "English", "Latin"),
        ("x 你好", "de-DE", 2, "你好", "German", "Latin"),
        ("да κόσμε", "ru_RU", 3, "κόσμε", "Russian", "Cyrillic"),
        ("abcмир", "en", 3, "abcмир", "English", "Latin"),
        ("שלום", "ar", 0, "שלום", "Arabic", "Arabic"),
        ("&#1055;&#1056; a", "en", 0, "&#1055;&#1056", "English", "Latin"),
    ],
)  # fmt: skip
def test_letters_of_another_script(text: str, language: str, position: int, word: str, name: str, script: str) -> None:
    error = refusal(text, language)
    assert error.code == "language_unsupported"
    assert error.details == {"position": position}
    assert error.message == (
        f'This voice speaks {name} and cannot say "{word}". Choose another voice, or use {script} letters.'
    )


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Łódź, Ａｂｃ, 𝐁𝐨𝐥𝐝, ﬁ, naïve, Nguyễn, ʻokina", "en"),
        ("Δt = 5 μm, π", "en-US"),
        ("Windows готов", "ru-RU"),
        ("你好 hello", "zh-CN"),
        ("anything любое 什么", "tlh"),
        ("①②③ ½ x²", "en"),
    ],
)
def test_letters_that_the_language_reads(text: str, language: str) -> None:
    check_text(text, language=language, limit=1000)


@pytest.mark.parametrize(
    "text",
    [
        "!!! ***",
        "🙂🙂",
        "—",
        "...",
        "- - -",
        "👩‍💻",
        "***",
        "##",
        "()",
        "\x1b[31m\x1b[0m",
        "<br>",
        "\u200b\ufe0f",
        "``` ```",
    ],
)
@pytest.mark.parametrize("language", ["en-US", "de-DE"])
def test_nothing_in_it_has_a_sound(text: str, language: str) -> None:
    assert refusal(text, language).code == "text_unspeakable"


@pytest.mark.parametrize("text", ["%", "&", "+", "=", "@", "$5", "50%", "C++", "7", "a", "½", "🙂 ok"])
def test_symbols_with_a_name(text: str) -> None:
    check_text(text, language="en-US", limit=1000)


def test_an_error_message_truncates_the_input() -> None:
    with pytest.raises(TextError) as refused:
        check_text("Съ" + "9" * 3000, language="zh-CN", limit=4000)
    assert refused.value.code == "language_unsupported"
    assert len(refused.value.message) < 200


class TestSymbols:
    """Texts under a policy that restricts the allowed symbols."""

    @pytest.mark.parametrize(
        "text",
        [
            'Plain words, 12 of them: (all) "quoted", isn\'t it? Yes; well-known!',
            "“Typographic” quotes, an ellipsis… and – or — dashes",
            "Café, naïve\tand\nnew lines",
        ],
    )
    def test_symbols_with_an_ascii_equivalent_are_allowed(self, text: str) -> None:
        check_text(text, language="en-US", limit=1000, symbols=PUNCTUATION)

    @pytest.mark.parametrize(("text", "position"), [("95 % done", 3), ("a@b", 1), ("costs $3", 6), ("well 🙂", 5)])
    def test_the_first_that_is_not_allowed_is_named_with_its_place(self, text: str, position: int) -> None:
        check_text(text, language="en-US", limit=1000)
        with pytest.raises(TextError) as caught:
            check_text(text, language="en-US", limit=1000, symbols=PUNCTUATION)
        assert (caught.value.code, caught.value.details["position"]) == ("text_symbol", position)
        assert PUNCTUATION in caught.value.message

    def test_symbols_with_a_name_are_allowed(self) -> None:
        check_text("95 % done – or “so”", language="en-US", limit=1000, symbols='%—"')


def test_marks_beyond_any_language_are_dropped() -> None:
    # Normalizing takes quadratic time in a row of marks: 10 s for 80,000.
    assert fold_characters("\u05d0" + "\u05b9" * 500, english=False).count("\u05b9") == 30
