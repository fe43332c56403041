"""Tests the explanation of a text: classes, spoken words, sentence ends and phonemes."""

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from synthesis.errors import VoiceError
from synthesis.pipeline.explanation import explain


def explained(*arguments: str) -> list[Any]:
    out = io.StringIO()
    call_command("say", *arguments, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_words_have_their_span_class_and_sentence_end() -> None:
    words = explain("Hi. Ich warte 3 h.", "de-DE").words
    assert [(word.start, word.end, word.semiotic_class, word.spoken, word.segment_end) for word in words] == [
        (0, 3, "word", "Hi", True),
        (4, 7, "word", "Ich", False),
        (8, 13, "word", "warte", False),
        (14, 18, "measure", "drei Stunden", True),
    ]


def test_phonemes_are_those_of_the_language() -> None:
    assert explain("Tag", "de-DE").phonemes == "tˈɑːk"
    assert explain("day. day", "en-US").phonemes == "dˈeɪ. dˈeɪ"


@pytest.mark.django_db
def test_a_language_that_espeak_lacks_is_refused() -> None:
    with pytest.raises(VoiceError):
        explain("hello", "xx-nowhere")
    with pytest.raises(CommandError, match="espeak-ng has no voice"):
        explained("hello", "--explain", "--language", "xx-nowhere")


@pytest.mark.django_db
def test_say_explains_a_text_without_a_voice() -> None:
    (shown,) = explained("--explain", "Um 8 Uhr", "--language", "de-DE")
    assert shown["segments"] == [{"start": 0, "end": 8, "language": "de-DE", "voice": ""}]
    assert shown["words"][1] == {
        "start": 3, "end": 8, "class": "time", "spoken": "acht Uhr", "punctuation": "", "segment_end": True,
    }  # fmt: skip


@pytest.mark.django_db
def test_say_explains_each_line_of_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("one\n\n!!!\ntwo\n"))
    assert [len(shown["words"]) for shown in explained("--explain", "-")] == [1, 0, 0, 1]


def test_say_without_a_file_or_an_explanation_is_refused() -> None:
    with pytest.raises(CommandError, match="Name the WAV file"):
        call_command("say", "hello")
