"""Voices that were trained on letters: Piper's text voices, Coqui's graphemes, and MMS."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from synthesis.engines.coqui.model import Vits, load_checkpoint
from synthesis.errors import VoiceError
from synthesis.phonemes.phonemizer import phonemes_to_ids, phonemize
from synthesis.text.normalizer import normalize
from synthesis.text.segmentation import split_segments
from synthesis.voice_files.manifest import VoiceManifest
from synthesis.voices.compiler.compiler import compile_voice
from synthesis.voices.importers.coqui_checkpoint import import_checkpoint
from synthesis.voices.importers.letters import letter_ids
from synthesis.voices.importers.metadata import read_metadata
from synthesis.voices.importers.mms import import_mms
from synthesis.voices.importers.piper import import_piper
from synthesis.voices.sample_text import has_sound, sample_ids
from synthesis.voices.self_test import run_self_test
from tests.synthesis.voices import piper_voices
from tests.synthesis.voices.piper_voices import PiperVoice, VoiceShape, make_voice
from tests.synthesis.voices.test_coqui_import import CONFIG, foreign, write
from tests.synthesis.voices.test_piper_import import spoken

LETTERS = "_^$ abcdefgh'"
CHARACTERS: dict[str, Any] = {
    "characters_class": "TTS.tts.models.vits.VitsCharacters",
    "pad": "_",
    "eos": "",
    "bos": "",
    "blank": None,
    "characters": "abcdefghijklmnopqrstuvwxyzäöüß",
    "punctuations": ";:,.!? ",
    "phonemes": None,
}
COMMON_VOICE: dict[str, Any] = {
    "use_phonemes": False,
    "phonemizer": None,
    "phoneme_language": None,
    "text_cleaner": "multilingual_cleaners",
    "model_args": {**CONFIG["model_args"], "num_chars": 39},
    "characters": CHARACTERS,
}
"""Settings that differ in a voice that Coqui trained on the letters of a Common Voice language."""


def ids_of(text: str, language: str, table: Mapping[str, tuple[int, ...]]) -> list[int]:
    (segment, *_) = split_segments(normalize(text, language))
    return phonemes_to_ids(phonemize(segment, ""), table)[0]


@pytest.mark.parametrize("spelling", ["text", "PhonemeType.TEXT", "Text"])
def test_a_piper_voice_reads_letters(tmp_path: Path, spelling: str) -> None:
    piper = make_voice(tmp_path, VoiceShape(symbols=13, stochastic=False))
    table = {letter: [row] for row, letter in enumerate(LETTERS)}
    settings = piper_voices.settings(VoiceShape(symbols=13)) | {"phoneme_type": spelling, "phoneme_id_map": table}
    del settings["espeak"], settings["vowel_clusters"]
    piper.json.write_text(json.dumps(settings))
    import_piper(piper.onnx, piper.json, tmp_path / "voice")
    known = read_metadata(tmp_path / "voice")
    assert (known.espeak_voice, known.language) == ("", "de-AT")
    ids = ids_of("Bad-head, Äbc!", "de-AT", known.phoneme_ids)
    # Characters without a symbol in the voice are omitted: the comma, the dots of the letter, the mark.
    assert [LETTERS[id_] for id_ in ids if id_] == list("^bad head abc$")
    _, network = load_checkpoint(tmp_path / "voice")
    np.testing.assert_allclose(spoken(network, ids), piper.speak(ids), atol=1e-5)


@pytest.fixture(scope="module")
def common_voice() -> Vits:
    return foreign(**COMMON_VOICE)


@pytest.mark.parametrize("text", ["Guten Tag, schöne Grüße!", "Also: gut; und wie-so?", "ÄPFEL und Öl."])
def test_a_coqui_voice_reads_letters_as_coquis_tokenizer(common_voice: Vits, tmp_path: Path, text: str) -> None:
    import_checkpoint(*write(tmp_path, {"model": common_voice.state_dict()}, **COMMON_VOICE), tmp_path / "voice")
    known = read_metadata(tmp_path / "voice")
    assert known.espeak_voice == ""
    from TTS.tts.utils.text.cleaners import multilingual_cleaners

    expected = common_voice.tokenizer.text_to_ids(multilingual_cleaners(text, "de"))
    assert ids_of(text, "de", known.phoneme_ids) == expected


def test_the_recipe_with_phonemizer_settings_that_it_does_not_use_reads_letters(tmp_path: Path) -> None:
    """Coqui's recipes leave phonemizer and phoneme_language in, and only use_phonemes decides."""
    settings = {**COMMON_VOICE, "phonemizer": "espeak", "phoneme_language": "en"}
    network = foreign(**COMMON_VOICE)
    import_checkpoint(*write(tmp_path, {"model": network.state_dict()}, **settings), tmp_path / "voice")
    known = read_metadata(tmp_path / "voice")
    assert (known.espeak_voice, known.language) == ("", "en")


@pytest.mark.parametrize(
    ("changes", "given", "hint", "language", "warned"),
    [
        ({}, "", "", "und", True),
        ({}, "", "bg", "bg", False),
        ({}, "pt-BR", "bg", "pt-BR", False),
        ({"datasets": [{"language": "el"}, {"language": ""}]}, "", "bg", "el", False),
        ({"datasets": [{"language": "el"}, {"language": "de"}]}, "", "bg", "bg", False),
        ({"phoneme_language": "sv"}, "", "bg", "sv", False),
    ],
)
def test_where_the_language_of_letters_comes_from(
    common_voice: Vits, tmp_path: Path, changes: dict[str, Any], given: str, hint: str, language: str, warned: bool
) -> None:
    files = write(tmp_path, {"model": common_voice.state_dict()}, **{**COMMON_VOICE, **changes})
    warnings: list[str] = []
    import_checkpoint(*files, tmp_path / "voice", warn=warnings.append, language=given, language_hint=hint)
    assert read_metadata(tmp_path / "voice").language == language
    assert any("--language" in warning for warning in warnings) is warned


def test_a_letter_voice_is_compiled_checked_and_imported_again(common_voice: Vits, tmp_path: Path) -> None:
    files = write(tmp_path, {"model": common_voice.state_dict()}, **COMMON_VOICE)
    import_checkpoint(*files, tmp_path / "voice", language="de")
    manifest = compile_voice(tmp_path / "voice")
    assert VoiceManifest.read(tmp_path / "voice") == manifest
    assert (manifest.espeak_voice, manifest.language) == ("", "de")
    assert run_self_test(tmp_path / "voice").real_time_factor > 0
    import_checkpoint(tmp_path / "voice" / "config.json", tmp_path / "voice" / "model.pth", tmp_path / "again")
    assert read_metadata(tmp_path / "again") == read_metadata(tmp_path / "voice")


MMS_SYMBOLS = ["k", "'", "z", "y", "a", "b", "_", " ", "e", "g", "u", "–"]
MMS_CONFIG: dict[str, Any] = {
    "train": {"log_interval": 200},
    "data": {"training_files": "train.ltr", "sampling_rate": 16000, "add_blank": True, "n_speakers": 0},
    "model": {"upsample_rates": [8, 4], "resblock": "2", "resblock_dilation_sizes": [[1, 2], [2, 6]]},
}


def mms(folder: Path, shape: VoiceShape, *, symbols: Sequence[str] = MMS_SYMBOLS, **data: Any) -> tuple[Path, Path]:
    """Write a voice of the original VITS network, as MMS has it, next to a Piper export of the same weights."""
    torch.manual_seed(0)
    network = piper_voices.build_network(shape)
    torch.save({"model": network.state_dict(), "iteration": 5, "optimizer": {"state": {}}}, folder / "G_100000.pth")
    config = {**MMS_CONFIG, "data": MMS_CONFIG["data"] | data}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "vocab.txt").write_text("".join(f"{symbol}\n" for symbol in symbols), encoding="utf-8")
    return folder / "config.json", folder / "G_100000.pth"


@pytest.mark.parametrize("stochastic", [True, False])
def test_an_imported_mms_voice_has_the_samples_of_the_original_network(tmp_path: Path, stochastic: bool) -> None:
    shape = VoiceShape(symbols=len(MMS_SYMBOLS), stochastic=stochastic, folded=False)
    reference: PiperVoice = make_voice(tmp_path, shape)
    import_mms(*mms(tmp_path, shape), tmp_path / "voice", language="eng")
    known = read_metadata(tmp_path / "voice")
    assert (known.language, known.sample_rate, known.hop_length, known.espeak_voice) == ("en", 16_000, 32, "")
    ids = ids_of("Gaby's key!", "en", known.phoneme_ids)
    # The symbol with the id 0 is a letter and the blank.
    assert ids[1::2] == [MMS_SYMBOLS.index(letter) for letter in "gaby' key"]
    assert set(ids[::2]) == {0}
    _, network = load_checkpoint(tmp_path / "voice")
    np.testing.assert_allclose(spoken(network, ids), reference.speak(ids), atol=1e-5)


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"training_files": "train.ltr.uroman"}, "uroman"),
        ({"sampling_rate": 1}, "sampling_rate"),
        ({"symbols": ["a", "b"]}, "vocab.txt has 2 symbols, but the network has 12"),
    ],
)
def test_an_mms_voice_that_does_not_fit_is_refused(tmp_path: Path, changes: dict[str, Any], part: str) -> None:
    files = mms(tmp_path, VoiceShape(symbols=len(MMS_SYMBOLS), stochastic=False, folded=False), **changes)
    with pytest.raises(VoiceError, match=part):
        import_mms(*files, tmp_path / "voice")
    assert not (tmp_path / "voice").exists()


def test_an_mms_voice_without_its_letters_or_with_another_network_is_refused(tmp_path: Path) -> None:
    config, model = mms(tmp_path, VoiceShape(symbols=len(MMS_SYMBOLS), stochastic=False, folded=False))
    (tmp_path / "vocab.txt").unlink()
    with pytest.raises(VoiceError, match=r"vocab\.txt is needed next to the checkpoint"):
        import_mms(config, model, tmp_path / "voice")
    torch.save({"model": foreign().state_dict()}, model)
    with pytest.raises(VoiceError, match=r"config\.json is that of an MMS voice"):
        import_mms(config, model, tmp_path / "voice")


@pytest.mark.parametrize(
    ("symbols", "text", "said"),
    [
        ("abc", "ABC", "abc"),
        ("ABC", "abc", "ABC"),
        ("aA", "aA", "aA"),
        ("iı", "IİiI", "ıiiı"),
        ("ş’–", "ș'-", "ş’–"),
        ("ß", "ẞ", "ß"),
    ],
)
def test_letters_that_a_voice_lacks_have_aliases(symbols: str, text: str, said: str) -> None:
    table = letter_ids({symbol: (place,) for place, symbol in enumerate(symbols)})
    assert "".join(symbols[table[letter][0]] for letter in text) == said


def test_capitals_that_were_never_trained_are_not_used() -> None:
    table = letter_ids({"a": (1,), "A": (2,)}, lowercase=True)
    assert table["A"] == (1,)


def test_a_dollar_sign_does_not_end_the_segment() -> None:
    table = {"_": (0,), "^": (1,), "$": (2,), "a": (3,), " ": (4,)}
    assert ids_of("a $ a $a", "und", table) == [1, 0, 3, 0, 4, 0, 4, 0, 3, 0, 4, 0, 3, 0, 2]


@pytest.mark.parametrize(("symbols", "language"), [("абвг", "und"), ("abc", "ru"), ("ɛɔ", "ewe"), ("あ", "ja")])
def test_a_voice_without_a_sample_sentence_speaks_its_own_letters(symbols: str, language: str) -> None:
    table = {"_": (0,), "^": (), "$": (), **{symbol: (place,) for place, symbol in enumerate(symbols, 1)}}
    manifest = VoiceManifest(language, "", (), 16_000, 8, 16, 1, 1, table, 0.6, 0.6, 1)
    assert has_sound(sample_ids(manifest), manifest)
