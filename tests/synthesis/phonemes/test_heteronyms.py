"""English words that are spelled alike and pronounced differently."""

import pytest

from benchmarks.heteronyms import PARTS, Part, read_sentences, wrong
from synthesis.phonemes.heteronyms import heteronyms, phonemes_of
from synthesis.phonemes.phonemizer import phonemize
from synthesis.text.normalizer import normalize
from synthesis.text.segmentation import split_segments

MOST_WRONG: dict[Part, int] = {"development": 1, "test": 2, "later": 4}


def said(text: str, voice: str = "en-us") -> list[str]:
    """Return the phonemes of each word, without punctuation."""
    (segment,) = split_segments(normalize(text, "en-US"))
    phonemes = phonemize(segment, voice)
    return ["".join(phonemes.symbols[start:end]).strip(" .?!") for start, end in phonemes.spans]


@pytest.mark.parametrize("part", PARTS)
def test_the_rules_are_better_than_espeak_alone(part: Part) -> None:
    assert len(wrong(part, rules=True)) <= MOST_WRONG[part]
    assert len(wrong(part, rules=False)) > len(read_sentences(part)) // 5


@pytest.mark.parametrize("voice", ["en-us", "en-gb"])
def test_the_forms_of_each_word_differ_in_both_accents(voice: str) -> None:
    for word, entry in heteronyms().items():
        forms = [phonemes_of(word, form, voice) for form in entry.forms]
        assert len(set(forms)) == len(forms), word
        assert {rule.say for rule in entry.rules} <= entry.forms.keys()


def test_words_keep_their_own_phonemes() -> None:
    assert said("The old pipes are made of lead and iron.")[6:] == ["lˈɛd", "ænd", "ˈaɪɚn"]
    assert said("She read it.") == ["ʃiː", "ɹˈɛd", "ɪt"]
    assert said("She read it.", "en-gb")[1] == "ɹˈɛd"
    assert said("He lives near the river.")[1] == "lˈɪvz"
    # Only words of English: a German voice keeps its own pronunciation.
    assert said("Er wind", "de")[1] == said("wind", "de")[0]


def test_a_word_whose_phonemes_espeak_merges_with_others_is_not_lost() -> None:
    for text in ("to use it", "I record of the read", "use use use", "read", "Lead, read, wind and tear!"):
        words = said(text)
        assert len(words) == len(text.split())
        assert all(words)
