"""Tests which files belong to a voice: near matches of the configuration, and files of other kinds."""

import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.torch import save_file

from synthesis.errors import VoiceError
from synthesis.voice_files.json_reader import read_object
from synthesis.voices.sources import Format, bundled_voice, from_file
from tests.synthesis.voices import piper_voices
from tests.synthesis.voices.piper_voices import VoiceShape
from tests.synthesis.voices.test_coqui_import import CONFIG
from tests.timing import takes_at_most

PIPER = json.dumps(piper_voices.settings(VoiceShape()))
COQUI = json.dumps({**CONFIG, "max_audio_len": 5})


def refused(model: Path, config: Path | None = None) -> str:
    with pytest.raises(VoiceError) as caught:
        from_file(model, config)
    return caught.value.message


def archive(content: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name, data in content.items():
            file.writestr(name, data)
    return made.getvalue()


def tar(mode: str) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=mode) as file:  # type: ignore[call-overload]  # a mode of two
        file.addfile(tarfile.TarInfo("voice.onnx"))
    return made.getvalue()


def saved(content: Any, **options: Any) -> bytes:
    made = io.BytesIO()
    torch.save(content, made, **options)
    return made.getvalue()


NOT_MODELS: dict[str, tuple[bytes, str]] = {
    "a pointer of Git LFS": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "git lfs pull"),
    "a web page": (b"\n<!DOCTYPE html><html><body>Sign in</body></html>", "is a web page"),
    "a web page with a byte order mark": (b"\xef\xbb\xbf<HTML lang=en>", "is a web page"),
    "an error of object storage": (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "web server"),
    "an error in words": (b"Entry not found", 'is a text file ("Entry not found")'),
    "nothing": (b"", "is empty"),
    "a JSON file": (b'{"a": 1}', "is a JSON file"),
    "a zip archive": (archive({"voice/model.pth": b"x", "voice/config.json": b"{}"}), "is an archive"),
    "a tar archive": (tar("w"), "is an archive"),
    "a tar.gz archive": (tar("w:gz"), "is an archive"),
    "a tar.bz2 archive": (tar("w:bz2"), "is an archive"),
    "a tar.xz archive": (tar("w:xz"), "is an archive"),
    "a 7z archive": (b"7z\xbc\xaf\x27\x1c" + bytes(99), "is an archive"),
    "a recording": (b"RIFF\x00\x00\x00\x00WAVEfmt ", "is an audio recording"),
    "a GGUF model": (b"GGUF" + bytes(99), "GGUF"),
    "a TorchScript program": (archive({"m/data.pkl": b"x", "m/constants.pkl": b"x"}), "TorchScript"),
    "an old PyTorch file": (saved({"a": 1}, _use_new_zipfile_serialization=False), "before version 1.6"),
}


@pytest.mark.parametrize("name", ["voice.onnx", "model.pth", "model.safetensors", "voice"])
@pytest.mark.parametrize("kind", NOT_MODELS)
def test_a_file_that_is_no_model_is_named(tmp_path: Path, kind: str, name: str) -> None:
    content, expected = NOT_MODELS[kind]
    (tmp_path / name).write_bytes(content)
    message = refused(tmp_path / name)
    assert message.startswith((f"{name} is ", f"{name} was "))
    assert expected in message


def test_archives_and_training_checkpoints_are_named_by_their_suffix(tmp_path: Path) -> None:
    for name, expected in (("voice.tar.gz", "is an archive"), ("epoch=3-step=9.ckpt", "piper.train.export_onnx")):
        (tmp_path / name).write_bytes(bytes(range(1, 200)))
        assert expected in refused(tmp_path / name)


CONFIGS: dict[str, tuple[str, str]] = {
    "a pointer of Git LFS": ("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS pointer"),
    "a web page": ("<!doctype html><html><body>Sign in</body></html>", "is a web page"),
    "nothing": ("", "is empty"),
    "no JSON": ("{", "is not JSON"),
    "a list": ("[]", "is not a JSON object"),
    "of the original VITS": ('{"train": {}, "data": {}, "model": {}}', "original VITS program or of MMS"),
    "of Transformers": ('{"model_type": "vits", "architectures": ["VitsModel"]}', "Hugging Face Transformers model"),
    "of Kokoro": ('{"istftnet": {}, "n_token": 178, "vocab": {"a": 43}}', "Kokoro model"),
    "of HiFi-GAN": ('{"resblock": "1", "upsample_rates": [8, 8], "num_mels": 80}', "HiFi-GAN vocoder"),
    "a list of speakers": ('{"p225": 0, "p226": 1}', "is a list of speakers"),
    "embeddings of speakers": ('{"a": {"name": "a", "embedding": [0.5]}}', "is a list of speakers"),
    "Piper's list of voices": ('{"en_GB-alan-low": {"key": "en_GB-alan-low", "files": {}}}', "list of Piper voices"),
}


@pytest.mark.parametrize("model", ["voice.onnx", "voice.pth"])
@pytest.mark.parametrize("kind", CONFIGS)
def test_a_configuration_of_another_program_is_named(tmp_path: Path, kind: str, model: str) -> None:
    content, expected = CONFIGS[kind]
    if kind == "of the original VITS" and model == "voice.pth":
        expected = ""
    config = tmp_path / ("voice.onnx.json" if model == "voice.onnx" else "config.json")
    config.write_text(content)
    (tmp_path / model).write_bytes(saved({"model": {"a": torch.zeros(2)}}) if model == "voice.pth" else b"\x08\x07ab")
    if expected:
        message = refused(tmp_path / model)
        assert message.startswith(f"{config.name} is ")
        assert expected in message
    else:
        assert from_file(tmp_path / model).format is Format.MMS


def test_a_configuration_of_the_other_format_is_named(tmp_path: Path) -> None:
    (tmp_path / "voice.onnx").write_bytes(b"\x08\x07ab")
    (tmp_path / "voice.onnx.json").write_text(COQUI)
    assert "voice.onnx.json is a Coqui configuration" in refused(tmp_path / "voice.onnx")
    (tmp_path / "voice.pth").write_bytes(saved({"a": torch.zeros(2)}))
    (tmp_path / "config.json").write_text(PIPER)
    assert "piper.train.export_onnx" in refused(tmp_path / "voice.pth")


def graph(inputs: list[str], node: str = "/x/Conv") -> bytes:
    weight = numpy_helper.from_array(torch.ones(2).numpy(), "w")
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in inputs]
    made = helper.make_node("Identity", [inputs[0]], ["out"], name=node)
    output = helper.make_tensor_value_info("out", TensorProto.FLOAT, None)
    model: onnx.ModelProto = helper.make_model(helper.make_graph([made], "g", values, [output], [weight]))
    content: bytes = model.SerializeToString()
    return content


OTHERS: dict[str, tuple[bytes, str]] = {
    "kokoro.onnx": (graph(["input_ids", "style", "speed"]), "Kokoro"),
    "hifigan.onnx": (graph(["mel"]), "HiFi-GAN vocoder"),
    "mms-tts.onnx": (graph(["input_ids", "attention_mask"]), "Hugging Face Transformers model"),
    "coqui.onnx": (graph(["input", "input_lengths", "scales"], "/text_encoder/emb/Gather"), "exported by Coqui"),
    "matcha.onnx": (graph(["x", "x_lengths", "scales"]), "the inputs scales, x, x_lengths"),
    "kokoro-v1_0.pth": (saved({part: {"w": torch.zeros(2)} for part in ("bert", "predictor", "decoder")}), "Kokoro"),
    "g_02500000": (saved({"generator": {"conv_pre.bias": torch.zeros(2)}}), "HiFi-GAN vocoder"),
    "generator.pth": (saved({"conv_pre.bias": torch.zeros(2)}), "HiFi-GAN vocoder"),
    "epoch9.pt": (saved({"state_dict": {"model_g.enc_p.emb.weight": torch.zeros(2)}}), "training checkpoint of Piper"),
    "pytorch_model.bin": (saved({"text_encoder.embed_tokens.weight": torch.zeros(2)}), "Hugging Face Transformers"),
    "G_0.pth": (saved({"model": {"enc_p.emb.weight": torch.zeros(2)}}), "original VITS program"),
    "xtts.pth": (saved({"model": {"gpt.mel_head.bias": torch.zeros(2)}}), "XTTS"),
    "speakers.pth": (saved({"p225": 0, "p226": 1}), "is a list of speakers"),
    "speaker_ids.pth": (saved({"a": {"name": "a", "embedding": [0.5]}}), "is a list of speakers"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_another_network_without_a_configuration_is_named(tmp_path: Path, name: str) -> None:
    content, expected = OTHERS[name]
    (tmp_path / name).write_bytes(content)
    assert expected in refused(tmp_path / name)


def test_safetensors_of_another_network_are_named(tmp_path: Path) -> None:
    save_file({"text_encoder.embed_tokens.weight": torch.zeros(2)}, tmp_path / "model.safetensors")
    assert "Hugging Face Transformers model" in refused(tmp_path / "model.safetensors")


def voice(folder: Path, model: str, *configs: str, content: str = PIPER) -> Path:
    """Write a recognizable model file, and configurations with those names. Returns the model's path."""
    path = folder / model
    piper = graph(["input", "input_lengths", "scales"])
    path.write_bytes(saved({"a": torch.zeros(2)}) if path.suffix == ".pth" else piper)
    for name in configs:
        (folder / name).write_text(content)
    return path


@pytest.mark.parametrize(
    ("model", "configs", "used"),
    [
        ("en_US-lessac-medium.onnx", ["en_US-lessac-medium.json"], "en_US-lessac-medium.json"),
        ("voice (1).onnx", ["voice.onnx (1).json"], "voice.onnx (1).json"),
        ("voice (1).onnx", ["voice.onnx.json", "voice.onnx (1).json"], "voice.onnx (1).json"),
        ("voice.onnx", ["voice(2).onnx.json"], "voice(2).onnx.json"),
        ("voice.onnx", ["voice.onnx.json.txt"], "voice.onnx.json.txt"),
        ("voice - Copy.onnx", ["voice.onnx.json"], "voice.onnx.json"),
        ("Voice.ONNX", ["voice.onnx.json", "other.json"], "voice.onnx.json"),
        ("model.onnx", ["config.json"], "config.json"),
    ],
)
def test_a_single_similar_configuration_is_used(tmp_path: Path, model: str, configs: list[str], used: str) -> None:
    warnings: list[str] = []
    source = from_file(voice(tmp_path, model, *configs), warn=warnings.append)
    assert (source.config.name, source.format) == (used, Format.PIPER)
    assert warnings == [f"{model}.json does not exist: {used} is used as the configuration."]


@pytest.mark.parametrize("name", ["best_model_1234.json", "config (1).json", "config.json.txt"])
def test_the_configuration_of_a_checkpoint_may_have_another_name(tmp_path: Path, name: str) -> None:
    source = from_file(voice(tmp_path, "best_model_1234.pth", name, content=COQUI))
    assert (source.config.name, source.format) == (name, Format.COQUI)


def test_an_ambiguous_configuration_is_only_suggested(tmp_path: Path) -> None:
    message = refused(voice(tmp_path, "voice.onnx", "alice.json", "bob.json"))
    assert "voice.onnx.json is missing" in message
    assert "--config 'alice.json', --config 'bob.json'" in message
    voice(tmp_path, "other.onnx", "config.json")
    assert "voice.onnx.json is missing" in refused(tmp_path / "voice.onnx")


def test_no_similar_name_is_suggested_if_there_is_none(tmp_path: Path) -> None:
    message = refused(voice(tmp_path, "voice.onnx"))
    assert message == "The configuration voice.onnx.json is missing: download it into the folder of voice.onnx."
    assert "does not exist" in refused(tmp_path / "voice.onnx", tmp_path / "none.json")


def test_a_folder_of_another_program_is_named(tmp_path: Path) -> None:
    for name in ("pytorch_model.bin", "model.safetensors"):
        (tmp_path / name).write_bytes(bytes(99))
    (tmp_path / "config.json").write_text(CONFIGS["of Transformers"][0])
    assert "Hugging Face Transformers model" in refused(tmp_path)


def test_an_old_checkpoint_is_no_tar_archive(tmp_path: Path) -> None:
    (tmp_path / "best_model.pth.tar").write_bytes(saved({"a": torch.zeros(2)}))
    (tmp_path / "config.json").write_text(COQUI)
    source = from_file(tmp_path)
    assert (source.model.name, source.format) == ("best_model.pth.tar", Format.COQUI)


def test_a_folder_with_one_model_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = voice(tmp_path, "best_model.pth", "config.json", content=COQUI)
    (tmp_path / "speakers.pth").write_bytes(saved({"a": 0}))
    assert from_file(tmp_path).model == model
    monkeypatch.chdir(tmp_path)
    assert from_file(Path()).model.name == "best_model.pth"
    voice(tmp_path, "other.pth")
    assert "contains several models: best_model.pth, other.pth" in refused(tmp_path)
    (tmp_path / "empty").mkdir()
    assert "contains no .onnx" in refused(tmp_path / "empty")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("en_US-lessac-medium", "'manage.py voice search' lists the voices"),
        ("https://example.org/voice.onnx", "Voices are not downloaded from an address"),
        ("voise.onnx", "does not exist. Similar: voice.onnx"),
        ("x" * 5000, "not a file name"),
    ],
)
def test_a_missing_file_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, expected: str) -> None:
    voice(tmp_path, "voice.onnx")
    monkeypatch.chdir(tmp_path)
    assert expected in refused(Path(name))


@pytest.mark.parametrize(
    ("folder", "format_", "hint"),
    [
        ("tts_models--bg--cv--vits", "coqui", "bg"),
        ("tts_models--pt-br--cv--vits", "coqui", "pt-br"),
        ("voices", "coqui", ""),
        ("eng", "mms", "eng"),
        ("eng", "coqui", ""),
    ],
)
def test_the_folder_of_a_download_names_the_language(tmp_path: Path, folder: str, format_: str, hint: str) -> None:
    (tmp_path / folder).mkdir()
    content = COQUI if format_ == "coqui" else '{"train": {}, "data": {}, "model": {}}'
    source = from_file(voice(tmp_path / folder, "model_file.pth", "config.json", content=content))
    assert (source.language, source.language_hint) == ("", hint)


def test_the_bundled_voice_has_a_license() -> None:
    joe = bundled_voice("joe")
    assert joe is not None
    assert joe.license == "CC0-1.0"
    assert bundled_voice("alice") is None


CARDS: dict[str, tuple[dict[str, str], str, str, str]] = {
    "Piper's": (
        {"MODEL_CARD": "# Model card for alice\n\n* Speakers: 1\n\n## Dataset\n\n* URL: https://example.org/a\n"
                       "* License: CC BY 4.0 \n"},
        "", "CC BY 4.0", "https://example.org/a",
    ),
    "with bold words": ({"MODEL_CARD.md": "- **License:** `MIT`"}, "", "`MIT`", ""),
    "of the Hub": ({"README.md": "---\nlanguage: de\nlicense: cc-by-nc-4.0\n---\n# Alice"}, "", "cc-by-nc-4.0", ""),
    "British": ({"MODEL_CARD": "LICEN" + "CE: public domain\r\n"}, "", "public domain", ""),
    "the configuration": ({"MODEL_CARD": "* License: MIT"}, '"CC0-1.0"', "CC0-1.0", ""),
    "an object": ({}, '{"name": "CC0-1.0", "url": "x"}', "CC0-1.0", ""),
    "far too long": ({"MODEL_CARD": f"License: {'a' * 300}"}, "", f"{'a' * 199}…", ""),
    "with control characters": ({"MODEL_CARD": "License: M\x1b[31mI\u202eT"}, "", "M[31mIT", ""),
    "without": ({"MODEL_CARD": "# Nothing\nThe license is free."}, "", "", ""),
    "binary": ({"MODEL_CARD": "\0\udcff"}, "", "", ""),
}  # fmt: skip


@pytest.mark.parametrize("kind", CARDS)
def test_the_license_is_read_from_the_voices_files(tmp_path: Path, kind: str) -> None:
    cards, in_json, license_, origin = CARDS[kind]
    model = voice(tmp_path, "voice.onnx", "voice.onnx.json")
    if in_json:
        settings = json.loads(PIPER) | {"dataset": {"license": json.loads(in_json)}}
        (tmp_path / "voice.onnx.json").write_text(json.dumps(settings))
    for name, content in cards.items():
        (tmp_path / name).write_bytes(content.encode(errors="surrogateescape"))
    source = from_file(model)
    assert (source.license, source.origin) == (license_, origin)


@pytest.mark.parametrize(
    "content",
    [
        '{"a": 1, // one\n "b//": "/* c */", /* two\n lines */ "c": 2}',
        '// made by hand\n{"a": 1, "b//": "/* c */", "c": 2} // end',
    ],
)
def test_comments_are_skipped_as_coqui_does(tmp_path: Path, content: str) -> None:
    (tmp_path / "config.json").write_text(content)
    assert read_object(tmp_path / "config.json", "it") == {"a": 1, "b//": "/* c */", "c": 2}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_comments_are_skipped_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "config.json").write_text('{"a": "ə"} // ü', encoding=encoding)
    assert read_object(tmp_path / "config.json", "it") == {"a": "ə"}


HOSTILE: dict[str, str] = {"quotes": '"\\', "comments": "/* ", "stars": "/**", "strings": 'a"', "slashes": "// "}
MOST_S = 0.4
"""Seconds of processor time: a quarter of what quadratic time takes, and ten times of what linear time takes."""


@pytest.mark.parametrize("kind", HOSTILE)
def test_comments_take_linear_time(tmp_path: Path, kind: str) -> None:
    (tmp_path / "config.json").write_text(HOSTILE[kind] * 20_000)

    def read() -> None:
        with pytest.raises(VoiceError, match="is not JSON"):
            read_object(tmp_path / "config.json", "it")

    assert takes_at_most(MOST_S, read)


def test_a_model_card_takes_linear_time(tmp_path: Path) -> None:
    model = voice(tmp_path, "voice.onnx", "voice.onnx.json")
    (tmp_path / "MODEL_CARD").write_text(" \t" * 10_000 + "*" * 10_000 + "\n" + "license" + " " * 20_000)
    assert from_file(model).license == ""
    assert takes_at_most(MOST_S, lambda: from_file(model))
