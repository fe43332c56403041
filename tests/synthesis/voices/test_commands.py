"""Tests of ``manage.py voice`` and ``manage.py say``."""

import io
import json
import wave
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from synthesis.errors import VoiceError
from synthesis.models import Voice
from synthesis.runtime import Runtime, set_runtime
from synthesis.voices.installer import install, needs_recompile, voice_id
from synthesis.voices.sources import from_file
from tests.synthesis.voices.piper_voices import PiperVoice, VoiceShape, make_voice

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def voices(settings: Settings, tmp_path: Path) -> Path:
    settings.VOICES_DIR = tmp_path / "voices"
    folder: Path = settings.VOICES_DIR
    return folder


def run(*words: str) -> str:
    output = io.StringIO()
    call_command("voice", *words, stdout=output)
    return output.getvalue()


def refused(*words: str) -> str:
    with pytest.raises(CommandError) as refusal:
        run(*words)
    return str(refusal.value)


def leftovers(voices: Path) -> list[str]:
    return sorted(path.name for path in voices.iterdir() if path.name != ".lock") if voices.exists() else []


def test_an_empty_list_explains_the_next_step(voices: Path) -> None:
    assert "voice add joe" in run("list")


@pytest.mark.voice
def test_a_voice_comes_is_checked_and_goes(voices: Path) -> None:
    assert "installed as the default voice" in run("add", "joe")
    voice = Voice.objects.get()
    assert (voice.id, voice.language, voice.sample_rate, voice.license, voice.default) == (
        "joe",
        "en-US",
        22050,
        "CC0-1.0",
        True,
    )
    assert leftovers(voices) == ["joe"]
    assert "CC0-1.0  default" in run("list")
    assert "windows exact" in run("check")
    assert "--replace" in refused("add", "joe")
    assert "removed" in run("remove", "joe")
    assert leftovers(voices) == []
    assert not Voice.objects.exists()


def test_a_file_that_is_no_voice_leaves_nothing_behind(voices: Path, tmp_path: Path) -> None:
    model = tmp_path / "noise.onnx"
    model.write_bytes(b"\x08\x07" + bytes(range(256)) * 40)
    model.with_name("noise.onnx.json").write_text("{}")
    assert refused("add", str(model))
    assert leftovers(voices) == []
    assert not Voice.objects.exists()


def test_missing_files_and_wrong_ids_are_named(voices: Path, tmp_path: Path) -> None:
    assert "does not exist" in refused("add", str(tmp_path / "nothing.onnx"))
    assert "id" in refused("add", "joe", "--id", "../joe")
    assert "The voice nobody is not installed" in refused("remove", "nobody")
    assert "The voice nobody is not installed" in refused("check", "nobody")


def test_removing_the_default_lets_another_speak(voices: Path) -> None:
    for name, default in (("alice", True), ("bob", False)):
        Voice.objects.create(id=name, name=name, language="en-GB", sample_rate=16000, default=default)
    assert "bob is now the default voice" in run("remove", "alice")
    assert Voice.objects.get().default


def test_a_damaged_voice_is_found(voices: Path) -> None:
    Voice.objects.create(id="alice", name="Alice", language="en-GB", sample_rate=16000)
    assert "alice: cannot be loaded" in refused("check")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("en_US-joe-medium", "en_us-joe-medium"), ("Ada Best", "ada-best"), ("--x--", "x"), ("a" * 99, "a" * 63)],
)
def test_ids_made_from_names(name: str, expected: str) -> None:
    assert voice_id(name) == expected


def test_say_writes_a_file(runtime_with_voice: Runtime, tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    call_command("say", "Hello, world. " * 100, "-o", str(path), stderr=io.StringIO())
    with wave.open(str(path)) as wav:
        assert (wav.getframerate(), wav.getnchannels()) == (8000, 1)
        assert wav.getnframes() > 8000


def test_say_explains_invalid_options(runtime_with_voice: Runtime, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="The text is empty"):
        call_command("say", "", "-o", str(tmp_path / "out.wav"))
    assert not (tmp_path / "out.wav").exists()


@pytest.fixture(scope="module")
def piper(tmp_path_factory: pytest.TempPathFactory) -> PiperVoice:
    return make_voice(tmp_path_factory.mktemp("piper"), VoiceShape(stochastic=False, speakers=2))


@pytest.mark.parametrize("name", ["../escaped", "/escaped", ".", "a/b", "A", "-a", "a" * 64, ""])
def test_an_id_is_no_path(voices: Path, piper: PiperVoice, name: str) -> None:
    source = from_file(piper.onnx, piper.json)
    with pytest.raises(VoiceError, match="A voice id consists of"):
        install(source, name, default=False, replace=False, progress=lambda _: None)
    assert not (voices.parent / "escaped").exists()
    assert leftovers(voices) == []


def test_a_piper_voice_becomes_a_coqui_checkpoint_that_can_be_added_as_well(voices: Path, piper: PiperVoice) -> None:
    add = ("add", str(piper.onnx), "--config", str(piper.json), "--id", "bob")
    assert "bob is installed as the default voice" in run(*add, "--name", "Bob", "--license", "CC0-1.0")
    bob = Voice.objects.get()
    assert (bob.name, bob.license, len(bob.speakers)) == ("Bob", "CC0-1.0", 2)
    assert "2 speakers" in run("list")
    assert "charlie is installed." in run("add", str(voices / "bob" / "model.pth"), "--id", "charlie")
    assert leftovers(voices) == ["bob", "charlie"]
    assert (voices / "charlie" / "model.pth").exists()
    assert Voice.objects.get(default=True).id == "bob"
    run("add", str(voices / "bob" / "model.pth"), "--id", "charlie", "--replace", "--default")
    assert Voice.objects.get(default=True).id == "charlie"
    assert leftovers(voices) == ["bob", "charlie"]


def say(folder: Path, *words: str) -> bytes:
    """Return the WAV file that ``manage.py say`` writes."""
    before = set_runtime(None)
    try:
        call_command("say", "abba", *words, "-o", str(folder / "out.wav"), stderr=io.StringIO())
    finally:
        set_runtime(before)
    return (folder / "out.wav").read_bytes()


def test_speakers_are_listed_and_the_default_one_speaks(voices: Path, tmp_path: Path) -> None:
    piper = make_voice(tmp_path, VoiceShape(stochastic=False, speakers=3))
    settings = json.loads(piper.json.read_text()) | {"default_speaker_id": 2}
    piper.json.write_text(json.dumps(settings | {"speaker_id_map": {"ED\n": 0, "alice": 1, "bob": 2}}))
    run("add", str(piper.onnx), "--id", "vctk")
    assert "alice" not in run("list")
    listed = [line.split() for line in run("list", "--speakers").splitlines()]
    assert listed[1:] == [["0", "ED"], ["1", "alice"], ["2", "bob"]]
    assert say(tmp_path) == say(tmp_path, "--speaker", "bob") != say(tmp_path, "--speaker", "ED")
    with pytest.raises(CommandError, match=r"has no speaker with that name\. Its speakers: ED, alice, bob"):
        say(tmp_path, "--speaker", "9999")


def test_warnings_licenses_and_languages_of_a_new_voice(voices: Path, tmp_path: Path, piper: PiperVoice) -> None:
    folder = tmp_path / "download"
    folder.mkdir()
    (folder / "en_US-alice.onnx").write_bytes(piper.onnx.read_bytes())
    settings = json.loads(piper.json.read_text())
    del settings["audio"]
    (folder / "en_US-alice.json").write_text(json.dumps(settings))
    (folder / "MODEL_CARD").write_text("* License: CC BY 4.0\n* URL: https://example.org\n")
    errors = io.StringIO()
    call_command("voice", "add", str(folder), "--language", "en-us", stdout=io.StringIO(), stderr=errors)
    assert "warning: en_US-alice.onnx.json does not exist: en_US-alice.json is used" in errors.getvalue()
    assert 'warning: "audio.sample_rate" is missing' in errors.getvalue()
    alice = Voice.objects.get()
    assert (alice.id, alice.language, alice.license) == ("en_us-alice", "en-US", "CC BY 4.0")
    assert alice.source == "https://example.org"


def test_a_name_without_latin_letters_needs_an_id(voices: Path, tmp_path: Path, piper: PiperVoice) -> None:
    (tmp_path / "小雅.onnx").write_bytes(piper.onnx.read_bytes())
    (tmp_path / "小雅.onnx.json").write_bytes(piper.json.read_bytes())
    assert "Choose one with --id" in refused("add", str(tmp_path / "小雅.onnx"))
    assert leftovers(voices) == []


def test_names_of_files_do_not_control_the_terminal(voices: Path, tmp_path: Path) -> None:
    for name in ("a\x1b[2J.onnx", "b\x9b2J.onnx"):
        (tmp_path / name).write_bytes(bytes(99))
    message = refused("add", str(tmp_path))
    assert "contains several models" in message
    assert not any(char in message for char in "\x1b\x9b")


@pytest.mark.parametrize("error", [RuntimeError("shape"), OSError(28, "No space left on device"), KeyError("x")])
def test_a_failure_of_the_compiler_is_one_sentence(
    voices: Path, piper: PiperVoice, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("synthesis.voices.compiler.compiler.compile_voice", fail)
    message = refused("add", str(piper.onnx), "--id", "bob")
    assert message.startswith("The voice could not be ")
    assert "\n" not in message
    assert leftovers(voices) == []


def test_an_outdated_compilation_is_rebuilt(voices: Path, piper: PiperVoice) -> None:
    run("add", str(piper.onnx), "--config", str(piper.json), "--id", "bob")
    facts = json.loads((voices / "bob" / "voice.json").read_text())
    (voices / "bob" / "voice.json").write_text(json.dumps({**facts, "format": 0}))
    assert needs_recompile(voices / "bob")
    assert "voice compile" in refused("check", "bob")
    assert "bob is compiled" in run("compile", "bob")
    assert not needs_recompile(voices / "bob")
    assert leftovers(voices) == ["bob"]
    assert "voice nobody is not installed" in refused("compile", "nobody")


def test_remains_of_an_interrupted_installation_are_deleted(voices: Path) -> None:
    (voices / ".unfinished-bob").mkdir(parents=True)
    refused("remove", "nobody")
    assert leftovers(voices) == []
