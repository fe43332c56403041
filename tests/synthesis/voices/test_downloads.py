"""Downloads of voices from a local server with the catalogs' layout."""

import io
import json
import shutil
import tarfile
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from core.limits.disk_quota import data_dir_quota
from synthesis.errors import VoiceError
from synthesis.models import Voice
from synthesis.voices.downloads import archives
from synthesis.voices.downloads.catalogs import read_catalogs
from synthesis.voices.downloads.entries import DownloadableVoice, RemoteFile
from synthesis.voices.downloads.fetching import complete, fetch
from synthesis.voices.downloads.http_client import MAX_FAILURES, Hosts, HttpClient
from synthesis.voices.downloads.origins import PUBLIC_HOSTS, FolderOrigin, HttpOrigin, Origin, origin
from tests.synthesis.voices.catalog_server import ALAN, FOLDER, Mirror, alan_files, coqui_catalog, serve
from tests.synthesis.voices.piper_voices import PiperVoice, VoiceShape, make_voice

MODEL = f"{FOLDER}/{ALAN}.onnx"
DAY = 86_400


pytestmark = pytest.mark.usefixtures("data_dir")


@pytest.fixture(scope="module")
def piper(tmp_path_factory: pytest.TempPathFactory) -> PiperVoice:
    return make_voice(tmp_path_factory.mktemp("piper"), VoiceShape(stochastic=False))


def client(mirror: Mirror, **options: Any) -> HttpClient:
    host = mirror.url.removeprefix("http://")
    return HttpClient(Hosts(("127.0.0.1",), (host,)), sleep=lambda _seconds: None, **options)


def nothing(*_: object) -> None:
    pass


def download(mirror: Mirror, path: Path, file: RemoteFile | None = None, **options: Any) -> None:
    wanted = file or alan(mirror).files[0]
    HttpOrigin(client(mirror, **options), mirror.url).download(wanted, path, nothing)


def alan(mirror: Mirror) -> DownloadableVoice:
    return read_catalogs(HttpOrigin(client(mirror), mirror.url), refresh=True).find(ALAN)


def code_of(raised: pytest.ExceptionInfo[VoiceError]) -> str:
    return raised.value.code


def parts(data_dir: Path) -> list[str]:
    return sorted(path.name for path in data_dir.glob("cache/voice-downloads/*") if path.name != ".lock")


# The catalogs


def test_voices_are_found_by_language_quality_and_name(mirror: Mirror) -> None:
    mirror.add_piper({f"es/{name}": b"" for name in ("es_ES-a-low.onnx", "es_ES-a-low.onnx.json")}, "es_ES-a-low")
    mirror.files[".models.json"] = coqui_catalog(
        es_css10_vits={"github_rls_url": "https://github.com/a/b/tts_models--es--css10--vits.zip", "license": "bsd"},
        es_mai_tacotron2={"github_rls_url": "https://github.com/a/b/c.zip"},
    )
    catalogs = read_catalogs(origin())
    assert catalogs.warnings == ()

    def names(*words: str) -> list[str]:
        return [voice.name for voice in catalogs.search(*words)]

    spanish = ["tts_models/es/css10/vits", "es_ES-a-low"]
    assert names("es") == spanish
    assert names("Spanish") == names("español") == spanish
    assert names("es_ES") == names("spain") == ["es_ES-a-low"]
    assert names("", "medium") == [ALAN]
    assert names("deu") == ["tts_models/deu/fairseq/vits"]
    assert names("xx") == []
    assert catalogs.find("EN_gb-alan-medium").name == ALAN
    assert catalogs.find("tts_models/deu/fairseq/vits").license == "CC-BY-NC-4.0"
    with pytest.raises(VoiceError, match="Similar: en_GB-alan-medium"):
        catalogs.find("en_GB-alen-medium")


def test_a_catalog_is_cached_for_a_day_and_then_used_only_while_it_cannot_be_downloaded(mirror: Mirror) -> None:
    place = HttpOrigin(client(mirror), mirror.url)
    now = [0.0]
    place_age = read_catalogs(place).age_s
    assert place_age == 0
    cached = next(path for path in Path(_data_dir()).glob("cache/voice-catalogs/*.json"))
    began = cached.stat().st_mtime

    def count(later_s: float, **options: Any) -> tuple[int, float]:
        now[0] = began + later_s
        before = len(mirror.paths("voices.json"))
        catalogs = read_catalogs(place, clock=lambda: now[0], **options)
        assert catalogs.find(ALAN)
        return len(mirror.paths("voices.json")) - before, catalogs.age_s

    assert count(3600) == (0, 3600)
    assert count(3600, refresh=True)[0] == 1
    mirror.files["voices.json"] = b"<html>"
    began = cached.stat().st_mtime
    requests, age = count(2 * DAY)
    assert (requests, age) == (1, 2 * DAY)
    warnings = read_catalogs(place, clock=lambda: now[0]).warnings
    assert any("is a web page" in one and "The list is 2 days old." in one for one in warnings), warnings


def _data_dir() -> str:
    from django.conf import settings

    return str(settings.DATA_DIR)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"files": {"../../etc/passwd": {"size_bytes": 1, "md5_digest": "0" * 32}}}, "path"),
        ({"quality": "../x"}, "quality"),
        ({"quality": 7}, "quality"),
        ({"language": {"code": "en/../.."}}, "language"),
        ({"language": ["en"]}, "language"),
        ({"num_speakers": 1e300}, "speakers"),
        ({"files": []}, "files"),
    ],
)
def test_an_invalid_entry_is_skipped(mirror: Mirror, changes: dict[str, Any], reason: str) -> None:
    mirror.add_piper(alan_files(), "en_GB-bob-medium", **changes)
    catalogs = read_catalogs(origin())
    assert [voice.name for voice in catalogs.voices] == [ALAN]
    assert "1 entries of the catalog are invalid and were ignored." in catalogs.warnings


@pytest.mark.parametrize(
    "path",
    ["../a.onnx", "/etc/a.onnx", "a/../../b.onnx", "a//b.onnx", "a\\b.onnx", "a/.b", "a\nb", "a?b", "", "x" * 999],
)
def test_a_path_in_a_catalog_stays_below_the_mirror(path: str) -> None:
    with pytest.raises(VoiceError) as raised:
        RemoteFile(path, "")
    assert code_of(raised) == "catalog_invalid"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"null",
        b"<html>",
        b"{" * 100_000,
        b'{"a":' * 100_000,
        b'{"a": ' + b"9" * 10_000 + b"}",
        b"\xff\xfe",
        b'{"' + ALAN.encode() + b'": 7}',
        b" " * (5 * 1024 * 1024),
    ],
)
def test_a_malicious_catalog_is_a_clear_error(mirror: Mirror, content: bytes) -> None:
    mirror.files = {"voices.json": content, ".models.json": content}
    with pytest.raises(VoiceError) as raised:
        read_catalogs(origin())
    assert code_of(raised) in ("voice_invalid", "catalog_invalid", "voice_too_large")
    assert not list(Path(_data_dir()).glob("cache/voice-catalogs/*"))


def test_an_address_in_coquis_catalog_must_be_that_of_an_archive(mirror: Mirror) -> None:
    mirror.files[".models.json"] = coqui_catalog(
        a_a_vits={"github_rls_url": "http://github.com/a.zip"},
        b_b_vits={"github_rls_url": "https://alice@github.com/a.zip"},
        c_c_vits={"github_rls_url": "file:///etc/a.zip"},
        d_d_vits={"repo_id": "../../a"},
    )
    catalogs = read_catalogs(origin())
    assert [voice.name for voice in catalogs.voices] == [ALAN]


# Downloads


def test_a_download_that_is_cut_at_any_byte_is_continued(mirror: Mirror, tmp_path: Path) -> None:
    voice = alan(mirror)
    content = mirror.files[MODEL]
    for cut in range(len(content)):
        mirror.cuts, mirror.requests = [cut], []
        path = tmp_path / str(cut)
        download(mirror, path, voice.files[0])
        assert path.read_bytes() == content
        assert mirror.paths(MODEL) == [("GET", ""), ("GET", f"bytes={cut}-" if cut else "")]


def test_the_next_command_continues_a_part(mirror: Mirror, tmp_path: Path) -> None:
    file = alan(mirror).files[0]
    mirror.cuts = [100] + [0] * MAX_FAILURES
    path = tmp_path / "part"
    with pytest.raises(VoiceError, match="The next attempt continues it") as raised:
        download(mirror, path, file)
    assert code_of(raised) == "download_failed"
    assert path.stat().st_size == 100
    mirror.cuts, mirror.requests = [], []
    download(mirror, path, file)
    assert mirror.paths(MODEL) == [("GET", "bytes=100-")]
    assert path.read_bytes() == mirror.files[MODEL]
    mirror.requests.clear()
    download(mirror, path, file)
    assert mirror.paths(MODEL) == []


def test_a_part_of_an_older_file_is_downloaded_again(mirror: Mirror, tmp_path: Path) -> None:
    path = tmp_path / "part"
    path.write_bytes(b"old" * 30)
    download(mirror, path)
    assert path.read_bytes() == mirror.files[MODEL]


def test_a_server_without_ranges_sends_the_whole_file(mirror: Mirror, tmp_path: Path) -> None:
    file = alan(mirror).files[0]
    mirror.ranges = False
    mirror.cuts = [100]
    download(mirror, tmp_path / "part", file)
    assert (tmp_path / "part").read_bytes() == mirror.files[MODEL]


def test_an_unavailable_server_is_asked_again(mirror: Mirror, tmp_path: Path) -> None:
    mirror.status[MODEL] = [503, 429, 500]
    download(mirror, tmp_path / "part")
    mirror.status[MODEL] = [503] * MAX_FAILURES
    with pytest.raises(VoiceError, match="answered 503"):
        download(mirror, tmp_path / "other")


@pytest.mark.parametrize("length", [True, False])
@pytest.mark.parametrize("change", [b"", b"longer by this"])
def test_a_size_that_the_catalog_states_wrongly_leaves_nothing(
    mirror: Mirror, tmp_path: Path, change: bytes, length: bool
) -> None:
    mirror.length = length
    mirror.files[MODEL] = mirror.files[MODEL] + change if change else mirror.files[MODEL][:-1]
    with pytest.raises(VoiceError, match="bytes") as raised:
        download(mirror, tmp_path / "part")
    assert code_of(raised) == "download_mismatch"
    assert not (tmp_path / "part").exists()


def test_another_digest_leaves_nothing(mirror: Mirror, tmp_path: Path) -> None:
    mirror.files[MODEL] = bytes(120)
    with pytest.raises(VoiceError, match="its digest is not the catalog's") as raised:
        download(mirror, tmp_path / "part")
    assert code_of(raised) == "download_mismatch"
    assert list(tmp_path.glob("part*")) == []


def test_a_file_without_a_size_is_continued_only_if_it_is_the_same(mirror: Mirror, tmp_path: Path) -> None:
    file = RemoteFile(MODEL, "")
    mirror.etag, mirror.cuts = '"1"', [100] + [0] * MAX_FAILURES
    path = tmp_path / "part"
    with pytest.raises(VoiceError, match="closed connection"):
        download(mirror, path, file)
    mirror.cuts, mirror.etag, mirror.files[MODEL] = [], '"2"', b"new" * 90
    download(mirror, path, file)
    assert path.read_bytes() == b"new" * 90
    assert [entry.name for entry in tmp_path.glob("part*")] == ["part"]


def test_progress_can_cancel_and_leaves_nothing(mirror: Mirror, tmp_path: Path) -> None:
    def cancel(done: int, total: int | None) -> None:
        raise VoiceError("cancelled", "The installation was cancelled.")

    with pytest.raises(VoiceError, match="cancelled"):
        client(mirror).download(
            f"{mirror.url}/{MODEL}", tmp_path / "part", size=120, digest="md5:" + "0" * 32, progress=cancel
        )
    assert not (tmp_path / "part").exists()


def test_a_full_disk_is_noticed_before_and_while_writing(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(VoiceError, match="120 do not fit") as raised:
        download(mirror, tmp_path / "part", space_fault=lambda needed: f"{needed} do not fit")
    assert code_of(raised) == "storage_full"
    # Every write to this device fails with ENOSPC.
    (tmp_path / "full").symlink_to("/dev/full")
    with pytest.raises(VoiceError, match="No space left") as raised:
        download(mirror, tmp_path / "full")
    assert code_of(raised) == "storage_full"
    assert not (tmp_path / "full").is_symlink()


def test_the_quota_counts_the_bytes_to_come(data_dir: Path, settings: Settings) -> None:
    settings.DISK_LIMIT_MB = 1
    data_dir_quota.cache_clear()
    assert data_dir_quota().fault_with(1000) is None
    assert "2 MB more do not fit" in str(data_dir_quota().fault_with(2 * 1024 * 1024))
    free = shutil.disk_usage(data_dir).free
    settings.DISK_LIMIT_MB = 10**9
    data_dir_quota.cache_clear()
    assert "must stay free" in str(data_dir_quota().fault_with(free))


# Hosts


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/a",
        "https://huggingface.co.example.org/a",
        "https://evilhf.co/a",
        "http://huggingface.co/a",
        "http://169.254.169.254/latest/meta-data",
        "https://127.0.0.1/a",
        "file:///etc/passwd",
        "ftp://huggingface.co/a",
        "https://huggingface.co@example.org/a",
    ],
)
def test_only_the_catalogs_hosts_are_contacted(url: str) -> None:
    with pytest.raises(VoiceError) as raised:
        HttpClient(Hosts(PUBLIC_HOSTS)).read(url, 1, 1)
    assert code_of(raised) == "download_refused"


def test_a_redirect_leads_only_to_allowed_hosts(mirror: Mirror, tmp_path: Path) -> None:
    with serve(Mirror({MODEL: b"secret"})) as other:
        mirror.redirects[MODEL] = f"{other.url.replace('127.0.0.1', 'localhost')}/{MODEL}"
        with pytest.raises(VoiceError, match="A download from the host localhost is refused"):
            download(mirror, tmp_path / "part")
        mirror.redirects[MODEL] = f"{other.url}/{MODEL}"
        with pytest.raises(VoiceError, match="without HTTPS"):
            download(mirror, tmp_path / "part")
        assert other.requests == []


def test_redirects_are_followed_and_end(mirror: Mirror, tmp_path: Path) -> None:
    voice = alan(mirror)
    mirror.files["b"] = mirror.files[MODEL]
    mirror.redirects = {MODEL: "/a", "a": "/b"}
    download(mirror, tmp_path / "part", voice.files[0])
    mirror.redirects["b"] = "/a"
    with pytest.raises(VoiceError, match="redirected more than 5 times"):
        download(mirror, tmp_path / "other", voice.files[0])


@pytest.mark.parametrize("name", ["VOICE_DOWNLOAD_PROXY", "HTTP_PROXY"])
def test_downloads_use_the_proxy(
    mirror: Mirror, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with serve(Mirror(dict(mirror.files))) as proxy:
        if name == "HTTP_PROXY":
            for variable in ("no_proxy", "NO_PROXY"):
                monkeypatch.delenv(variable, raising=False)
            monkeypatch.setenv("http_proxy", proxy.url)
        else:
            setattr(settings, name, proxy.url)
        # A host that only the proxy could resolve.
        settings.VOICE_MIRROR_URL = "http://mirror.invalid"
        proxy.files = {f"http://mirror.invalid/{path}": content for path, content in mirror.files.items()}
        assert read_catalogs(origin()).find(ALAN)
        assert proxy.paths("http://mirror.invalid/voices.json") == [("GET", "")]


# Archives, repositories, folders


def zipped(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return content.getvalue()


def tarred(files: dict[str, bytes], kind: bytes = tarfile.REGTYPE) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for path, data in files.items():
            info = tarfile.TarInfo(path)
            info.size, info.type, info.linkname = len(data), kind, "/etc/passwd"
            archive.addfile(info, io.BytesIO(data))
    return content.getvalue()


@pytest.mark.parametrize(("name", "pack"), [("a.zip", zipped), ("a.tar.gz", tarred)])
def test_only_the_files_of_a_voice_leave_an_archive(tmp_path: Path, name: str, pack: Any) -> None:
    (tmp_path / name).write_bytes(
        pack(
            {
                "x/model_file.pth": b"1",
                "../../config.json": b"2",
                "/etc/vocab.txt": b"3",
                "x/run.sh": b"4",
                "x/.json": b"",
            }
        )
    )
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    archives.unpack(tmp_path / name, folder, lambda _needed: None)
    assert {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path.name != name} == {
        "model_file.pth": b"1",
        "config.json": b"2",
        "vocab.txt": b"3",
    }
    assert len(list(folder.iterdir())) == 3


def test_links_in_an_archive_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a.tar.gz").write_bytes(tarred({"config.json": b""}, tarfile.SYMTYPE))
    archives.unpack(tmp_path / "a.tar.gz", tmp_path, lambda _needed: None)
    assert not (tmp_path / "config.json").is_symlink()
    assert not (tmp_path / "config.json").exists()


@pytest.mark.parametrize(("name", "pack"), [("a.zip", zipped), ("a.tar.gz", tarred)])
def test_a_decompression_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, pack: Any) -> None:
    monkeypatch.setattr(archives, "MAX_FILE_BYTES", 100_000)
    # Also of files that are not unpacked.
    (tmp_path / name).write_bytes(pack({"noise.bin": bytes(99_999), "config.json": bytes(2)}))
    with pytest.raises(VoiceError) as raised:
        archives.unpack(tmp_path / name, tmp_path, lambda _needed: None)
    assert code_of(raised) == "voice_too_large"
    monkeypatch.setattr(archives, "MAX_MEMBERS", 1)
    (tmp_path / name).write_bytes(pack({"a.json": b"", "b.json": b""}))
    with pytest.raises(VoiceError, match="more than 1 files"):
        archives.unpack(tmp_path / name, tmp_path, lambda _needed: None)


def test_a_damaged_archive_is_named(tmp_path: Path) -> None:
    for name, content in (
        ("a.zip", zipped({"config.json": b"7" * 9999})),
        ("a.tar.gz", tarred({"config.json": b"1" * 9999})),
    ):
        for stop in range(0, len(content) - 1, 7):
            (tmp_path / name).write_bytes(content[:stop])
            with pytest.raises(VoiceError) as raised:
                archives.unpack(tmp_path / name, tmp_path, lambda _needed: None)
            assert code_of(raised) == "voice_invalid"
            (tmp_path / "config.json").unlink(missing_ok=True)


def test_a_repository_lists_its_files_with_digests(mirror: Mirror) -> None:
    mirror.files[".models.json"] = coqui_catalog(
        fa_custom_vits={"repo_id": "alice/fa", "allow": ["model.pth", "config.json"]}
    )
    rows: list[dict[str, Any]] = [
        {"type": "file", "path": "model.pth", "size": 9, "lfs": {"oid": "a" * 64}},
        {"type": "file", "path": "config.json", "size": 2},
        {"type": "file", "path": "train.pth", "size": 9},
        {"type": "directory", "path": "runs"},
    ]
    listing = "api/models/alice/fa/tree/main"
    mirror.files[listing] = json.dumps(rows).encode()
    place = origin()
    voice = complete(read_catalogs(place).find("tts_models/fa/custom/vits"), place)
    assert [(file.path, file.size, file.digest) for file in voice.files] == [
        ("alice/fa/resolve/main/model.pth", 9, "sha256:" + "a" * 64),
        ("alice/fa/resolve/main/config.json", 2, ""),
    ]
    damages: tuple[Any, ...] = ([{**rows[0], "path": "../model.pth"}], {}, [], [{**rows[0], "size": -1}])
    for damaged in damages:
        mirror.files[listing] = json.dumps(damaged).encode()
        with pytest.raises(VoiceError):
            complete(read_catalogs(place).find("tts_models/fa/custom/vits"), place)


def test_the_size_of_an_archive_is_asked(mirror: Mirror) -> None:
    mirror.files["mms/deu.tar.gz"] = b"x" * 77
    place = origin()
    voice = complete(read_catalogs(place).find("tts_models/deu/fairseq/vits"), place)
    assert (voice.size, voice.id) == (77, "mms-deu")
    assert mirror.paths("mms/deu.tar.gz") == [("HEAD", "")]
    mirror.status["mms/deu.tar.gz"] = [403, 404]
    found = read_catalogs(place).find("tts_models/deu/fairseq/vits")
    assert complete(found, place).size is None
    with pytest.raises(VoiceError, match="answered 404"):
        complete(found, place)


def source_files(voice: DownloadableVoice, place: Origin) -> dict[str, bytes]:
    with fetch(complete(voice, place), place, nothing, nothing) as source:
        return {path.name: path.read_bytes() for path in source.model.parent.iterdir()}


def test_an_archive_is_downloaded_and_unpacked(mirror: Mirror, data_dir: Path) -> None:
    config = b'{"train": {}, "data": {"sampling_rate": 16000}, "model": {"resblock": "1"}}'
    files = {"deu/G_100000.pth": zipped({"archive/data.pkl": b""}), "deu/config.json": config, "deu/vocab.txt": b"a\n"}
    mirror.files["mms/deu.tar.gz"] = tarred(files)
    place = origin()
    voice = read_catalogs(place).find("tts_models/deu/fairseq/vits")
    assert sorted(source_files(voice, place)) == ["G_100000.pth", "config.json", "vocab.txt"]
    assert parts(data_dir) == []


def test_a_folder_has_the_layout_of_a_mirror(mirror: Mirror, tmp_path: Path, data_dir: Path) -> None:
    mirror.write(tmp_path / "usb")
    mirror.requests.clear()
    place = FolderOrigin(tmp_path / "usb")
    voice = read_catalogs(place).find(ALAN)
    assert source_files(voice, place)[f"{ALAN}.onnx"] == mirror.files[MODEL]
    (tmp_path / "usb" / MODEL).write_bytes(bytes(120))
    with pytest.raises(VoiceError) as raised:
        source_files(voice, place)
    assert code_of(raised) == "download_mismatch"
    (tmp_path / "usb" / MODEL).unlink()
    with pytest.raises(VoiceError, match="cannot be read: No such file"):
        source_files(voice, place)
    assert parts(data_dir) == []
    assert mirror.requests == []


def test_old_parts_are_deleted(mirror: Mirror, data_dir: Path) -> None:
    old = data_dir / "cache" / "voice-downloads" / "old.part"
    old.parent.mkdir(parents=True)
    old.touch()
    place = origin()
    voice = complete(read_catalogs(place).find(ALAN), place)
    later = old.stat().st_mtime + 8 * DAY
    with fetch(voice, place, nothing, nothing, clock=lambda: later):
        assert not old.exists()


# The commands


def run(*words: str) -> str:
    output = io.StringIO()
    call_command("voice", *words, stdout=output, stderr=io.StringIO())
    return output.getvalue()


@pytest.mark.django_db(transaction=True)
def test_a_voice_is_searched_and_added(mirror: Mirror, piper: PiperVoice, data_dir: Path) -> None:
    mirror.add_piper(alan_files(piper), num_speakers=1)
    assert "en_GB-alan-medium" in run("search", "English")
    row = json.loads(run("search", "en-GB", "--json"))[0]
    size = sum(len(content) for path, content in mirror.files.items() if path.startswith(FOLDER))
    assert (row["name"], row["size_bytes"], row["license"], row["installed"]) == (ALAN, size, None, False)
    output = run("add", ALAN, "--yes")
    assert "license:  CC0-1.0" in output
    assert "en_gb-alan-medium is installed as the default voice." in output
    voice = Voice.objects.get()
    assert (voice.id, voice.name, voice.license) == ("en_gb-alan-medium", "Alan (medium)", "CC0-1.0")
    assert parts(data_dir) == []
    assert json.loads(run("search", "--json"))[0]["installed"]
    with pytest.raises(CommandError, match="already exists"):
        run("add", ALAN, "--yes")


@pytest.mark.django_db(transaction=True)
def test_a_download_is_confirmed(mirror: Mirror, monkeypatch: pytest.MonkeyPatch, data_dir: Path) -> None:
    with pytest.raises(CommandError, match="Add --yes"):
        run("add", ALAN)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True, readline=lambda: "n\n"))
    monkeypatch.setattr("builtins.input", lambda _question: "n")
    assert "Nothing was downloaded." in run("add", ALAN)
    assert mirror.paths(MODEL) == []
    monkeypatch.setattr("builtins.input", lambda _question: "y")
    # Its model is not a voice.
    with pytest.raises(CommandError):
        run("add", ALAN)
    assert mirror.paths(MODEL) == [("GET", "")]
    assert parts(data_dir) == []
    assert not Voice.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_unreachable_catalog_and_an_unknown_name_are_explained(mirror: Mirror, settings: Settings) -> None:
    with pytest.raises(CommandError, match="No catalog has a voice en_GB-nobody-medium"):
        run("add", "en_GB-nobody-medium", "--yes")
    settings.VOICE_MIRROR_URL = "http://127.0.0.1:9"
    with pytest.raises(CommandError, match=r"127\.0\.0\.1 cannot be reached"):
        run("search")
    with pytest.raises(CommandError, match="does not exist"):
        run("search", "--offline", "/nowhere")
    with pytest.raises(CommandError, match="not a file name"):
        run("add", "tts_models/" + "x" * 5000)
