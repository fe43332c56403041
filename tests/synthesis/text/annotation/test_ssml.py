"""SSML: what is spoken, the annotations of the words, positions in the source, and errors."""

from typing import Any

import pytest

from synthesis.errors import TextError
from synthesis.text.annotation import ssml
from synthesis.text.annotation.reader import read_annotated
from synthesis.text.annotation.ssml import is_ssml, parse_pause, parse_ssml
from synthesis.text.segmentation import split_segments
from synthesis.text.word import Word


def read(body: str, language: str = "en-US") -> list[Word]:
    return read_annotated(parse_ssml(f"<speak>{body}</speak>", language), language)


def said(body: str, language: str = "en-US") -> str:
    return " ".join(word.spoken + word.punctuation for word in read(body, language))


def refused(body: str) -> TextError:
    with pytest.raises(TextError) as error:
        parse_ssml(body, "en-US")
    return error.value


@pytest.mark.parametrize(
    ("body", "spoken"),
    [
        ("Hello <emphasis>big</emphasis>, wide world.", "Hello big, wide world."),
        ("AT&amp;T &lt;3", "AT and T less than three"),
        ("<!-- never --><?pi never?>Now<metadata>never</metadata><audio src='a.mp3'>here</audio>", "Now here"),
        ("<![CDATA[5 < 6]]>", "five less than six"),
        ('<sub alias="World Wide Web">W3</sub> is 30.', "World Wide Web is thirty."),
        ('Dr. <sub alias="Kovaltschick">Kowalczyk</sub> waits', "doctor Kovaltschick waits"),
        ("<p>One</p><p>Two</p>", "One. Two."),
        ("<s>One</s><s>Two</s>", "One. Two."),
        ("one\n\ntwo", "one two"),
        ("<amazon:effect name='whispered'>still</amazon:effect> <mstts:express-as>spoken</mstts:express-as>",
         "still spoken"),
        ('<say-as interpret-as="characters">WHO1</say-as>', "W, H, O, one"),
        ('<say-as interpret-as="digits">1995</say-as>', "one nine nine five"),
        ('<say-as interpret-as="cardinal">1995</say-as>', "one thousand nine hundred and ninety five"),
        ('<say-as interpret-as="ordinal">22</say-as>', "twenty second"),
        ('<say-as interpret-as="telephone">+1 555-12</say-as>', "plus one, five five five, one two"),
        ('<say-as interpret-as="date" format="dmy">3/4/2024</say-as>', "April third twenty twenty four"),
        ('<say-as interpret-as="unheard-of">3 km</say-as>', "three kilometers"),
        ('<say-as interpret-as="cardinal">many</say-as>', "many"),
    ],
)  # fmt: skip
def test_text_is_spoken_and_markup_is_not(body: str, spoken: str) -> None:
    assert said(body) == spoken


@pytest.mark.parametrize("text", ["99/99/9999999", "5 May", "1/2", "٣/٤/٢٠٢٤", "9" * 3000])
def test_what_is_no_date_or_number_is_read_as_usual(text: str) -> None:
    for interpret_as in ("date", "cardinal", "ordinal", "telephone", "time"):
        assert said(f'<say-as interpret-as="{interpret_as}" format="dmy">{text}</say-as>')


def test_say_as_follows_the_language() -> None:
    assert said('<say-as interpret-as="ordinal">3</say-as> <say-as interpret-as="digits">12</say-as>', "de-DE") == (
        "dritte eins zwei"
    )
    assert said('<say-as interpret-as="cardinal">-5</say-as>', "fr-FR").endswith("cinq")


def test_the_words_have_their_positions_in_the_source() -> None:
    source = (
        '<speak>Hi <prosody rate="fast">there</prosody>, <sub alias="et cetera">etc</sub> 5&#32;km 🙂 AT&amp;T</speak>'
    )
    words = read_annotated(parse_ssml(source, "en-US"), "en-US")
    assert [source[word.start : word.end] for word in words] == ["Hi", "there", "etc", "5&#32;km", "AT&amp;T"]


def test_attributes_of_words() -> None:
    words = read(
        'a <phoneme alphabet="ipa" ph="təˈmeɪ.toʊ">tomato</phoneme> <prosody rate="50%">b <prosody rate="slow">c'
        '</prosody></prosody> <lang xml:lang="de-DE">drei</lang> <voice name="bob">d</voice>'
    )
    assert words[1].annotation.phonemes == "təˈmeɪtoʊ"
    assert [word.annotation.style.rate for word in words] == [1, 1, 0.5, 0.375, 1, 1]
    assert [word.annotation.style.language for word in words] == ["", "", "", "", "de", ""]
    assert [word.annotation.style.voice for word in words] == ["", "", "", "", "", "bob"]
    assert len(split_segments(words)) == 5


def test_breaks_are_pauses_and_capped() -> None:
    segments = split_segments(read('<break time="250ms"/>a<break time="1s"/><break time="500ms"/>b<break time="99s"/>'))
    assert [segment.pause for segment in segments] == [1.5, ssml.MAX_PAUSE_S]
    assert segments[0].lead_s == 0.25
    assert split_segments(read("a.<break strength='none'/> b"))[0].pause == 0


def test_pauses_add_up_to_the_maximum() -> None:
    segments = split_segments(read("a" + '<break time="9s"/>' * 3 + "b"))
    assert segments[0].pause == ssml.MAX_PAUSE_S


def test_marks_are_between_the_words() -> None:
    words = read('<mark name="a"/>one <mark name="b"/>two<mark name="c"/><break/>three<mark name="d"/>')
    assert [word.annotation.marks for word in words] == [("a",), ("b",), ()]
    assert [word.annotation.marks_after for word in words] == [(), ("c",), ("d",)]


@pytest.mark.parametrize(
    ("source", "code", "position"),
    [
        ("<speak>a", "ssml_malformed", 8),
        ("<speak>é <b>a</i></speak>", "ssml_malformed", 15),
        ("<speak>a & b</speak>", "ssml_malformed", 10),
        ("<speak>&nbsp;</speak>", "ssml_malformed", 7),
        ("", "ssml_malformed", 0),
        ("hello", "ssml_malformed", 0),
        ("<p>hello</p>", "ssml_malformed", 0),
        ("<speak a='1' a='2'/>", "ssml_malformed", 13),
        ("<speak>a</speak><speak>b</speak>", "ssml_malformed", 16),
        ('<!DOCTYPE speak [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><speak>&b;</speak>', "ssml_forbidden", 0),
        ('<!DOCTYPE speak SYSTEM "http://example.com/a.dtd"><speak>a</speak>', "ssml_forbidden", 0),
        ("<speak>" + "<p>" * 40 + "</p>" * 40 + "</speak>", "ssml_too_deep", 7 + 31 * 3),
        ('<speak>hi <break time="soon"/></speak>', "ssml_invalid", 10),
        ('<speak>hi <break strength="much"/></speak>', "ssml_invalid", 10),
        ('<speak>hi <prosody rate="-"/></speak>', "ssml_invalid", 10),
        ('<speak>hi <lang xml:lang="?"/></speak>', "ssml_invalid", 10),
        ('<speak>hi <phoneme ph=""/></speak>', "ssml_invalid", 10),
        ('<speak>hi <phoneme alphabet="x-sampa" ph="a"/></speak>', "ssml_invalid", 10),
    ],
)
def test_errors_have_a_code_and_a_position(source: str, code: str, position: int) -> None:
    error = refused(source)
    assert (error.code, error.param) == (code, "text")
    if code != "ssml_invalid":
        assert error.details["position"] == position


def test_a_rate_is_clamped() -> None:
    assert read('<prosody rate="9"><prosody rate="9">a</prosody></prosody>')[0].annotation.style.rate == ssml.MAX_RATE
    assert read('<prosody rate="-100%">a</prosody>')[0].annotation.style.rate == ssml.MIN_RATE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<speak>a</speak>", True),
        (" <?xml version='1.0'?>\n<speak version='1.1'>a</speak>\n", True),
        ("<speak>a", False),
        ("Write <speak>a</speak>", False),
        ("<speaker>a</speaker>", False),
    ],
)
def test_ssml_is_detected_by_its_first_and_last_element(text: str, expected: Any) -> None:
    assert is_ssml(text) is expected


@pytest.mark.parametrize(("text", "seconds"), [("1s", 1), (".5s", 0.5), ("20 ms", 0.02), ("1", None), ("1e9s", None)])
def test_durations(text: str, seconds: float | None) -> None:
    assert parse_pause(text) == seconds


def test_languages_of_a_text_are_few() -> None:
    """Each language costs memory: made-up tags are refused, and regions count only where they differ."""
    names = [f"de-{first}{second}" for first in "ABC" for second in "XYZ"]
    words = read("".join(f'<lang xml:lang="{name}">a </lang>' for name in (*names, "pt-PT", "pt-XX", "en-GB", "en_us")))
    assert {word.annotation.style.language for word in words} == {"de", "pt-PT", "pt", "en-GB", ""}
    assert refused('<speak xml:lang="qqq">a</speak>').code == "language_unsupported"
