"""Importing Coqui checkpoints: the audio stays the same; invalid or malicious files leave no output."""

import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from synthesis.engines.coqui.model import Vits, build, config_from, load_checkpoint
from synthesis.errors import VoiceError
from synthesis.voice_files import weights_reader
from synthesis.voices.importers.coqui_checkpoint import import_checkpoint
from synthesis.voices.importers.metadata import read_metadata
from synthesis.voices.importers.piper import import_piper
from synthesis.voices.importers.speakers import find_speakers_file
from tests.synthesis.voices.piper_voices import VoiceShape, make_voice
from tests.synthesis.voices.test_piper_import import spoken

CONFIG: dict[str, Any] = {
    "model": "vits",
    "model_args": {
        "num_chars": 12,
        "out_channels": 17,
        "hidden_channels": 16,
        "hidden_channels_ffn_text_encoder": 24,
        "num_layers_text_encoder": 2,
        "num_layers_posterior_encoder": 2,
        "resblock_type_decoder": "2",
        "resblock_kernel_sizes_decoder": [3, 5],
        "resblock_dilation_sizes_decoder": [[1, 2], [2, 6]],
        "upsample_rates_decoder": [8, 4],
        "upsample_kernel_sizes_decoder": [16, 8],
        "upsample_initial_channel_decoder": 16,
        "inference_noise_scale": 0.5,
        "init_discriminator": False,
    },
    "audio": {"sample_rate": 16_000, "hop_length": 32},
    "use_phonemes": True,
    "phonemizer": "espeak",
    "phoneme_language": "fr-fr",
    "text_cleaner": "phoneme_cleaners",
    "add_blank": True,
    "enable_eos_bos_chars": False,
    "max_audio_len": float("inf"),
    "characters": {
        "characters_class": "TTS.tts.models.vits.VitsCharacters",
        "pad": "<PAD>",
        "eos": None,
        "bos": None,
        "blank": "<BLNK>",
        "characters": "abc",
        "punctuations": "!, ",
        "phonemes": "əʁɔ̃",
    },
}
IDS = [11, 4, 11, 5, 11, 7, 11]

Weights = dict[str, torch.Tensor]


def foreign(**changes: Any) -> Vits:
    """Return a network without initial weights, like a trained one."""
    network = build(config_from({**CONFIG, **changes}))
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(1)
        for weight in network.parameters():
            weight.add_(torch.randn_like(weight) * 0.1)
    return network


@pytest.fixture(scope="module")
def network() -> Vits:
    return foreign()


def write(folder: Path, weights: Any, **changes: Any) -> tuple[Path, Path]:
    """The two files of a checkpoint."""
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps({**CONFIG, **changes}), encoding="utf-8")
    torch.save(weights, folder / "model.pth")
    return folder / "config.json", folder / "model.pth"


def test_an_imported_checkpoint_speaks_as_it_did(network: Vits, tmp_path: Path) -> None:
    extras = {"model": network.state_dict(), "optimizer": [{"step": 5}], "config": CONFIG, "step": 5}
    import_checkpoint(*write(tmp_path, extras), tmp_path / "voice")
    _, imported = load_checkpoint(tmp_path / "voice")
    np.testing.assert_allclose(spoken(imported, IDS), spoken(network, IDS), atol=1e-5)


def test_the_manifest_has_the_voices_metadata_and_tokens(network: Vits, tmp_path: Path) -> None:
    import_checkpoint(*write(tmp_path, {"model": network.state_dict()}), tmp_path / "voice")
    known = read_metadata(tmp_path / "voice")
    assert (known.language, known.espeak_voice, known.speakers) == ("fr-FR", "fr-fr", ())
    assert (known.sample_rate, known.hop_length, known.noise_scale, known.noise_scale_duration) == (16_000, 32, 0.5, 1)
    assert (known.phoneme_ids["_"], known.phoneme_ids["^"], known.phoneme_ids["$"]) == ((11,), (), ())
    ids = [*known.phoneme_ids["_"]]
    for phoneme in "aʁ":
        ids += [*known.phoneme_ids[phoneme], *known.phoneme_ids["_"]]
    assert ids == network.tokenizer.text_to_ids("aʁ")


def old_names(weights: Weights) -> Weights:
    """Return the weights under the names of weight normalization before torch 2.0."""
    return {
        name.replace("parametrizations.weight.original0", "weight_g").replace(
            "parametrizations.weight.original1", "weight_v"
        ): weight
        for name, weight in weights.items()
    }


def without_training_parts(weights: Weights) -> Weights:
    parts = ("posterior_encoder.", "duration_predictor.post_", "duration_predictor.flows.1.")
    return {name: weight for name, weight in weights.items() if not name.startswith(parts)}


def with_a_discriminator(weights: Weights) -> Weights:
    return weights | {"disc.nets.0.weight": torch.zeros(3), "speaker_encoder.weight": torch.zeros(3)}


@pytest.mark.parametrize("change", [old_names, without_training_parts, with_a_discriminator])
def test_checkpoints_of_other_ages_open_too(
    network: Vits, tmp_path: Path, change: Callable[[Weights], Weights]
) -> None:
    import_checkpoint(*write(tmp_path, {"model": change(network.state_dict())}), tmp_path / "voice")
    _, imported = load_checkpoint(tmp_path / "voice")
    np.testing.assert_allclose(spoken(imported, IDS), spoken(network, IDS), atol=1e-5)


def test_safetensors_open_too(network: Vits, tmp_path: Path) -> None:
    config, _ = write(tmp_path, {})
    save_file({name: weight.contiguous() for name, weight in network.state_dict().items()}, tmp_path / "m.safetensors")
    import_checkpoint(config, tmp_path / "m.safetensors", tmp_path / "voice")
    _, imported = load_checkpoint(tmp_path / "voice")
    np.testing.assert_allclose(spoken(imported, IDS), spoken(network, IDS), atol=1e-5)


def test_half_precision_becomes_single(network: Vits, tmp_path: Path) -> None:
    halves = {name: weight.half() for name, weight in network.state_dict().items()}
    import_checkpoint(*write(tmp_path, {"model": halves}), tmp_path / "voice")
    _, imported = load_checkpoint(tmp_path / "voice")
    assert {weight.dtype for weight in imported.state_dict().values()} == {torch.float32}


SPEAKERS: dict[str, Any] = {
    "model_args": {**CONFIG["model_args"], "use_speaker_embedding": True, "speaker_embedding_channels": 4},
    "speakers": ["alice", "bob", "charlie"],
}


def test_speakers_keep_their_names(tmp_path: Path) -> None:
    network = foreign(**SPEAKERS)
    import_checkpoint(*write(tmp_path, {"model": network.state_dict()}, **SPEAKERS), tmp_path / "voice")
    assert read_metadata(tmp_path / "voice").speakers == ("alice", "bob", "charlie")
    _, imported = load_checkpoint(tmp_path / "voice")
    for speaker in range(3):
        np.testing.assert_allclose(spoken(imported, IDS, speaker), spoken(network, IDS, speaker), atol=1e-5)


@pytest.mark.parametrize("given", [True, False])
def test_no_file_that_the_configuration_names_is_opened(tmp_path: Path, given: bool) -> None:
    """Opening any of these files would fail; speaker names come only from a speakers file that is passed."""
    files = {
        "speakers_file": "/nowhere/speakers.json",
        "speaker_file": "../../speakers.pth",
        "d_vector_file": ["https://nowhere.invalid/d.pth"],
        "language_ids_file": "file:///nowhere",
        "speaker_encoder_model_path": "s3://nowhere/encoder.pth",
        "speaker_encoder_config_path": "/nowhere/encoder.json",
    }
    weights = {"model": foreign(**SPEAKERS).state_dict()}
    config, model = write(tmp_path, weights, **files, model_args={**SPEAKERS["model_args"], **files}, speakers=[])
    numbers = tmp_path / "numbers.json"
    numbers.write_text('{"bob": 1, "alice": 0, "charlie": 2}')
    import_checkpoint(config, model, tmp_path / "voice", speakers_path=numbers if given else None)
    assert read_metadata(tmp_path / "voice").speakers == (("alice", "bob", "charlie") if given else ("0", "1", "2"))
    assert "nowhere" not in (tmp_path / "voice" / "config.json").read_text()
    load_checkpoint(tmp_path / "voice")


def test_an_imported_voice_can_be_imported_again(tmp_path: Path) -> None:
    piper = make_voice(tmp_path, VoiceShape(stochastic=False))
    import_piper(piper.onnx, piper.json, tmp_path / "one")
    import_checkpoint(tmp_path / "one" / "config.json", tmp_path / "one" / "model.pth", tmp_path / "two")
    assert read_metadata(tmp_path / "two") == read_metadata(tmp_path / "one")
    ids = [1, 0, 4, 0, 5, 0, 2]
    _, imported = load_checkpoint(tmp_path / "two")
    np.testing.assert_allclose(spoken(imported, ids), piper.speak(ids), atol=1e-5)


def refused(config: Path, weights: Path, folder: Path, code: str = "voice_invalid") -> str:
    """Return the error message for a checkpoint, and check that ``folder`` is empty."""
    folder.mkdir()
    with pytest.raises(VoiceError) as caught:
        import_checkpoint(config, weights, folder / "voice")
    assert caught.value.code == code
    assert list(folder.iterdir()) == []
    return caught.value.message


class Touch:
    """A malicious pickle, which runs code when it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("old_format", [True, False])
def test_a_pickle_that_runs_something_is_refused_and_runs_nothing(tmp_path: Path, old_format: bool) -> None:
    config, model = write(tmp_path, {})
    torch.save({"model": Touch(tmp_path / "run")}, model, _use_new_zipfile_serialization=not old_format)
    refused(config, model, tmp_path / "out")
    assert not (tmp_path / "run").exists()


def test_a_bare_pickle_is_refused(tmp_path: Path) -> None:
    config, model = write(tmp_path, {})
    model.write_bytes(pickle.dumps(Touch(tmp_path / "run")))
    refused(config, model, tmp_path / "out")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", ["speakers.json", "speaker_ids.json", "speakers.pth", "speaker_ids.pth"])
def test_a_speakers_file_next_to_the_checkpoint_is_found(tmp_path: Path, name: str) -> None:
    """As in the released VCTK voice: a speaker ``ED`` with a line break, and a path of another machine."""
    weights = {"model": foreign(**SPEAKERS).state_dict()}
    settings = {"model_args": {**SPEAKERS["model_args"], "speakers_file": "/home/alice/speaker_ids.json"}}
    config, model = write(tmp_path, weights, **settings)
    numbers = {"ED\n": 0, "p225": 1, "p226": 2}
    if name.endswith(".json"):
        (tmp_path / name).write_text(json.dumps(numbers))
    else:
        torch.save(numbers, tmp_path / name)
    found = find_speakers_file(model)
    assert found == tmp_path / name
    import_checkpoint(config, model, tmp_path / "voice", speakers_path=found)
    assert read_metadata(tmp_path / "voice").speakers == ("ED", "p225", "p226")


def test_speakers_may_be_numbered_in_the_settings(tmp_path: Path) -> None:
    settings = {**SPEAKERS, "speakers": {"bob": 1, "charlie": 2, "alice": 0}}
    import_checkpoint(*write(tmp_path, {"model": foreign(**SPEAKERS).state_dict()}, **settings), tmp_path / "voice")
    assert read_metadata(tmp_path / "voice").speakers == ("alice", "bob", "charlie")


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ({"alice": 9}, 'The speaker "alice" has no number from 0 to 2'),
        ({"alice": {"embedding": [0.5]}}, 'The speaker "alice" has no number'),
        (["alice"], "does not map speaker names to numbers"),
        ({1: 2}, "does not map speaker names to numbers"),
        ("run", "objects other than weights"),
    ],
)
def test_a_speakers_file_that_does_not_fit_is_refused(tmp_path: Path, content: Any, part: str) -> None:
    config, model = write(tmp_path, {"model": foreign(**SPEAKERS).state_dict()}, **SPEAKERS)
    torch.save(Touch(tmp_path / "run") if content == "run" else content, tmp_path / "speakers.pth")
    with pytest.raises(VoiceError, match=part):
        import_checkpoint(config, model, tmp_path / "voice", speakers_path=tmp_path / "speakers.pth")
    assert not (tmp_path / "run").exists()
    assert not (tmp_path / "voice").exists()


@pytest.mark.parametrize(
    ("key", "prefix"),
    [("state_dict", ""), ("model_state_dict", "module."), (None, "_orig_mod."), ("state_dict", "model."), (None, "")],
)
def test_weights_are_found_where_training_programs_store_them(
    network: Vits, tmp_path: Path, key: str | None, prefix: str
) -> None:
    weights = {f"{prefix}{name}": weight for name, weight in network.state_dict().items()}
    import_checkpoint(*write(tmp_path, {key: weights, "epoch": 5} if key else weights), tmp_path / "voice")
    _, imported = load_checkpoint(tmp_path / "voice")
    np.testing.assert_allclose(spoken(imported, IDS), spoken(network, IDS), atol=1e-5)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("model_g.enc_p.emb.weight", "training checkpoint of Piper"),
        ("text_encoder.embed_tokens.weight", "Hugging Face Transformers model"),
        ("bert_encoder.weight", "Kokoro model"),
        ("gpt.mel_head.bias", "XTTS model"),
        ("enc_p.emb.weight", "original VITS program"),
        ("conv_pre.bias", "HiFi-GAN vocoder"),
    ],
)
def test_weights_of_another_network_are_named(tmp_path: Path, name: str, part: str) -> None:
    config, model = write(tmp_path, {"model": {name: torch.zeros(2)}})
    message = refused(config, model, tmp_path / "out")
    assert message.startswith("model.pth is a")
    assert part in message


def test_settings_in_other_forms_are_read(network: Vits, tmp_path: Path) -> None:
    settings = {
        "model": "VITS",
        "audio": {"sample_rate": "16000", "hop_length": 32.0},
        "add_blank": "true",
        "enable_eos_bos_chars": 0,
        "text_cleaner": ["phoneme_cleaners"],
    }
    import_checkpoint(*write(tmp_path, {"model": network.state_dict()}, **settings), tmp_path / "voice")
    known = read_metadata(tmp_path / "voice")
    assert (known.sample_rate, known.phoneme_ids["_"], known.phoneme_ids["^"]) == (16_000, (11,), ())


def test_a_vocabulary_of_vits_has_an_order_whatever_its_settings(network: Vits, tmp_path: Path) -> None:
    characters = {**CONFIG["characters"], "is_unique": True, "is_sorted": False}
    import_checkpoint(*write(tmp_path, {"model": network.state_dict()}, characters=characters), tmp_path / "voice")
    assert read_metadata(tmp_path / "voice").phoneme_ids["a"] == (4,)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"text", bytes(5000)])
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_other_files_than_checkpoints_are_rejected(tmp_path: Path, content: bytes, suffix: str) -> None:
    config, _ = write(tmp_path, {})
    (tmp_path / f"voice{suffix}").write_bytes(content)
    refused(config, tmp_path / f"voice{suffix}", tmp_path / "out")


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_a_truncated_checkpoint_is_refused(network: Vits, tmp_path: Path, suffix: str, share: float) -> None:
    config, model = write(tmp_path, {"model": network.state_dict()})
    if suffix == ".safetensors":
        model = tmp_path / "voice.safetensors"
        save_file({name: weight.contiguous() for name, weight in network.state_dict().items()}, model)
    content = model.read_bytes()
    model.write_bytes(content[: int(len(content) * share)])
    refused(config, model, tmp_path / "out")


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The classes that PyTorch may load."""
    read: list[Path] = []
    load = torch.load

    def watched(path: Path, **options: Any) -> Any:
        read.append(path)
        return load(path, **options)

    monkeypatch.setattr(torch, "load", watched)
    return read


def test_a_compressed_archive_is_refused_unread(network: Vits, tmp_path: Path, read: list[Path]) -> None:
    config, model = write(tmp_path, {"model": network.state_dict()})
    with zipfile.ZipFile(model) as whole, zipfile.ZipFile(tmp_path / "bomb.pth", "w", zipfile.ZIP_DEFLATED) as bomb:
        for name in whole.namelist():
            bomb.writestr(name, whole.read(name))
    refused(config, tmp_path / "bomb.pth", tmp_path / "out")
    assert read == []


def test_far_too_much_structure_is_refused_unread(
    network: Vits, tmp_path: Path, read: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    config, model = write(tmp_path, {"model": network.state_dict()})
    monkeypatch.setattr(weights_reader, "MAX_STRUCTURE_BYTES", 1000)
    refused(config, model, tmp_path / "out")
    assert read == []


def test_a_file_over_the_limit_is_refused_unread(tmp_path: Path) -> None:
    config, model = write(tmp_path, {})
    with model.open("wb") as file:
        file.truncate(2 * 1024**3 + 1)
    refused(config, model, tmp_path / "out", "voice_too_large")


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"text_encoder.emb.weight": torch.zeros(1).expand(10**9, 16)}, "more weight data"),
        ({"text_encoder.emb.weight": torch.zeros(12, 16, dtype=torch.int32)}, "floating point"),
        ({"text_encoder.emb.weight": torch.zeros(13, 16)}, "vocabulary"),
        ({"text_encoder.emb.weight": torch.full((12, 16), float("nan"))}, "text_encoder.emb.weight"),
        ({"text_encoder.proj.bias": None}, "text_encoder.proj.bias"),
        ({"text_encoder.proj.weight": torch.zeros(16, 16, 1)}, "prior"),
        ({"waveform_decoder.resblocks.3.convs.0.parametrizations.weight.original1": torch.zeros(1, 1, 1)}, "residual"),
        ({"waveform_decoder.ups.1.parametrizations.weight.original0": torch.zeros(3, 1, 1)}, "do not match"),
        ({"emb_g.weight": torch.zeros(2, 4)}, "cond_layer"),
    ],
)
def test_weights_that_do_not_fit_are_refused_by_name(
    network: Vits, tmp_path: Path, changes: dict[str, torch.Tensor | None], part: str
) -> None:
    weights = {name: weight for name, weight in (network.state_dict() | changes).items() if weight is not None}
    config, model = write(tmp_path, {"model": weights})
    assert part in refused(config, model, tmp_path / "out")


@pytest.mark.parametrize("weights", [{}, [], {"model": None}, {"model": {}}, {"model": {"a": torch.zeros(2)}}, None])
def test_a_file_without_a_network_is_refused(tmp_path: Path, weights: Any) -> None:
    refused(*write(tmp_path, weights), tmp_path / "out")


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"model": "xtts"}, 'Coqui "xtts" model'),
        ({"model": None}, "model"),
        ({"model_args": {**CONFIG["model_args"], "use_d_vector_file": True}}, "speaker embeddings"),
        ({"use_language_embedding": True}, "languages"),
        ({"model_args": {**CONFIG["model_args"], "encoder_sample_rate": 8000}}, "sample rate"),
        ({"model_args": {**CONFIG["model_args"], "upsample_rates_decoder": [8, 8]}}, "upsampling"),
        ({"model_args": {**CONFIG["model_args"], "upsample_rates_decoder": [8, 10**9]}}, "step"),
        ({"model_args": {**CONFIG["model_args"], "upsample_rates_decoder": "88"}}, "list"),
        ({"model_args": {**CONFIG["model_args"], "resblock_dilation_sizes_decoder": [[1, 2]]}}, "residual"),
        ({"model_args": {**CONFIG["model_args"], "resblock_dilation_sizes_decoder": 3}}, "lists"),
        ({"phonemizer": "gruut"}, 'the phonemizer "gruut"'),
        ({"phonemizer": None, "phoneme_language": "ja-jp"}, "Coqui's own for ja-jp"),
        ({"phoneme_language": None}, '"phoneme_language" is missing'),
        ({"use_phonemes": False, "text_cleaner": "chinese_mandarin_cleaners"}, "Chinese characters"),
        ({"phoneme_language": "en-us "}, "language"),
        ({"phoneme_language": "../x"}, "language"),
        ({"characters": {**CONFIG["characters"], "characters_class": "os.system"}}, "vocabulary"),
        ({"characters": {**CONFIG["characters"], "phonemes": "əʁɔ̃x"}}, "vocabulary"),
        ({"characters": {**CONFIG["characters"], "punctuations": None}}, "vocabulary"),
        ({"characters": {**CONFIG["characters"], "characters_class": None, "is_sorted": False}}, "vocabulary"),
        ({"characters": None}, "vocabulary"),
        ({"speakers": ["alice"]}, "speakers"),
        ({"speakers": "alice"}, "speakers"),
    ],
)
def test_settings_that_do_not_fit_are_refused(
    network: Vits, tmp_path: Path, changes: dict[str, Any], part: str
) -> None:
    config, model = write(tmp_path, {"model": network.state_dict()}, **changes)
    assert part in refused(config, model, tmp_path / "out")


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff"])
def test_other_json_than_an_object_is_rejected(network: Vits, tmp_path: Path, content: bytes) -> None:
    config, model = write(tmp_path, {"model": network.state_dict()})
    config.write_bytes(content)
    refused(config, model, tmp_path / "out")


@pytest.mark.parametrize("name", ["config.json", "model.pth"])
def test_a_voice_whose_files_are_gone_is_refused(network: Vits, tmp_path: Path, name: str) -> None:
    import_checkpoint(*write(tmp_path, {"model": network.state_dict()}), tmp_path / "voice")
    (tmp_path / "voice" / name).unlink()
    with pytest.raises(VoiceError):
        load_checkpoint(tmp_path / "voice")
