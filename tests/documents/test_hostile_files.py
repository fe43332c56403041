"""Hostile files get an error with a stable code; nothing is executed, fetched or written."""

import asyncio
import io
import os
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from documents import sandbox
from documents.errors import DocumentError
from documents.extraction import archive as archives
from documents.extraction.extract import extract
from documents.extraction.model import join_wrapped
from documents.sandbox import Extractions
from tests.documents.files import ONE, archive, docx, epub, pdf

LAUGHS = '<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
HANGS = "import signal\nsignal.pause()"
"""Work that never ends by itself."""


def code_of(data: bytes, extension: str) -> str:
    with pytest.raises(DocumentError) as caught:
        extract(data, extension)
    return caught.value.code


async def sandboxed_code(extractions: Extractions, data: bytes, extension: str) -> str:
    with pytest.raises(DocumentError) as caught:
        await extractions.extract(data, extension, "alice")
    return caught.value.code


def worker(folder: Path, work: str) -> Path:
    """Return a program that confines itself as the real one does, and then does ``work``."""
    path = folder / "worker.py"
    root = Path(__file__).parents[2]
    path.write_text(
        f"import sys\nsys.path.insert(0, {str(root)!r})\nfrom documents.extraction.worker import confine, _write\n"
        f"confine()\n{work}\n"
    )
    return path


def test_paths_outside_of_an_archive_are_refused() -> None:
    item = '<item id="x" href="../../../../etc/passwd" media-type="application/xhtml+xml"/>'
    assert code_of(epub(items=item, spine='<itemref idref="x"/>'), "epub") == "document_unsafe"
    assert code_of(epub({"../../evil.xhtml": "x"}), "epub") == "document_unsafe"
    assert code_of(epub({"C:\\evil": "x"}), "epub") == "document_unsafe"


def test_entities_are_not_expanded() -> None:
    assert code_of(epub({"OEBPS/one.xhtml": LAUGHS + ONE}), "epub") == "document_unsafe"
    assert code_of(epub({"META-INF/container.xml": LAUGHS + "<x>&b;</x>"}), "epub") == "document_unsafe"
    external = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
    assert code_of(docx("", {"word/document.xml": external}), "docx") == "document_unsafe"


def test_scripts_and_remote_content_are_ignored() -> None:
    items = '<item id="r" href="https://example.com/x.xhtml" media-type="application/xhtml+xml"/>'
    page = ONE.replace(
        "<body>", '<body onload="x()"><script src="https://example.com/x.js">evil()</script><iframe src="//e">'
    )
    text = " ".join(
        extract(epub({"OEBPS/one.xhtml": page}, items=items, spine='<itemref idref="r"/>'), "epub").paragraphs
    )
    assert "evil" not in text
    assert "example.com" not in text


def test_archives_are_limited_in_entries_bytes_and_depth(monkeypatch: pytest.MonkeyPatch) -> None:
    assert code_of(archive({f"{number}": "" for number in range(archives.MAX_ENTRIES + 1)}), "epub") == (
        "document_too_complex"
    )
    assert code_of(docx("<w:p>" * 1000 + "</w:p>" * 1000), "docx") == "document_too_complex"
    assert code_of(b"<html>" + b"<div>" * 100_000, "html") == "document_too_complex"
    monkeypatch.setattr(archives, "MAX_UNPACKED_BYTES", 50_000)
    assert code_of(epub({"OEBPS/one.xhtml": "x" * 60_000}), "epub") == "document_too_complex"


def test_damaged_and_encrypted_files_have_a_code() -> None:
    assert code_of(b"PK\x03\x04 not an archive", "epub") == "document_invalid"
    assert code_of(b"%PDF-1.7 and nothing else", "pdf") == "document_invalid"
    assert code_of(docx("<w:p>"), "docx") == "document_invalid"
    assert code_of(archive({"META-INF/container.xml": "<x/>"}), "epub") == "document_invalid"
    encryption = '<encryption><CipherReference URI="OEBPS/one.xhtml"/></encryption>'
    assert code_of(epub({"META-INF/encryption.xml": encryption}), "epub") == "document_encrypted"
    locked = bytearray(epub())
    with zipfile.ZipFile(io.BytesIO(bytes(locked))) as file:
        offset = file.getinfo("META-INF/container.xml").header_offset
    central = locked.rfind(b"META-INF/container.xml") - 46
    locked[offset + 6] |= 1
    locked[central + 8] |= 1
    assert code_of(bytes(locked), "epub") == "document_encrypted"


@pytest.mark.parametrize(
    ("read", "few", "many"),
    [
        (lambda count: extract(b"<!-- a -->" * count + b"text", "txt"), 10, 20),
        (lambda count: join_wrapped(["a line of a long paragraph"] * count), 1000, 20_000),
    ],
    ids=["comments", "lines"],
)
def test_texts_are_read_in_linear_time(read: Callable[[int], object], few: int, many: int) -> None:
    """The first took twice as long with each comment, the second four times as long for twice the lines."""

    def seconds(count: int) -> float:
        began = time.process_time()
        read(count)
        return time.process_time() - began

    read(1)
    assert any(seconds(many) < 4 * many / few * seconds(few) for _ in range(5))


def test_a_text_that_is_too_long_is_refused() -> None:
    assert code_of(b"word " * 250_000, "txt") == "document_too_long"


async def test_a_decompression_bomb_ends_in_the_process_that_reads_it() -> None:
    bomb = pdf([["x"]], stream=b"\0" * 2**27)
    assert len(bomb) < 2**20
    assert await sandboxed_code(Extractions(), bomb, "pdf") == "document_too_complex"


async def test_a_file_is_read_in_another_process() -> None:
    found = await Extractions().extract(epub(), "epub", "alice")
    assert found.digest in found.body.decode()


@pytest.mark.parametrize(
    "work",
    [
        "import socket\nsocket.socket()",
        "import subprocess\nsubprocess.Popen(['true'])",
        "import os\nos.fork()",
        "open('/tmp/written', 'w')",
        "bytearray(2**30)",
    ],
)
async def test_the_process_can_neither_connect_nor_write_nor_start_another(tmp_path: Path, work: str) -> None:
    program = worker(tmp_path, f"{work}\n_write({{'digest': 'it could'}})")
    assert await sandboxed_code(Extractions(program), b"x", "txt") == "document_failed"


async def test_the_kernel_limits_the_process_even_without_the_hook(tmp_path: Path) -> None:
    program = worker(tmp_path, "import os\nos.write(os.memfd_create('x'), b'x' * 100)\n_write({'digest': 'it could'})")
    assert await sandboxed_code(Extractions(program), b"x", "txt") in ("document_failed", "document_too_complex")


async def test_a_process_that_does_not_end_is_killed(tmp_path: Path) -> None:
    program = worker(tmp_path, HANGS)
    extractions = Extractions(program, timeout_s=0.5)
    assert await sandboxed_code(extractions, b"x" * 10_000_000, "txt") == "document_too_complex"


async def test_the_process_yields_to_those_that_speak(tmp_path: Path) -> None:
    program = worker(tmp_path, "import os\n_write({'digest': str(os.nice(0))})")
    found = await Extractions(program).extract(b"x", "txt", "alice")
    assert int(found.digest) >= min(19, os.nice(0) + 10)


async def test_a_server_without_another_process_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/dev/null")
    assert await sandboxed_code(Extractions(), b"x", "txt") == "busy"


async def test_too_much_output_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "MAX_OUTPUT_BYTES", 1000)
    program = worker(tmp_path, "while True: sys.stdout.write('x' * 1000)")
    assert await sandboxed_code(Extractions(program), b"x", "txt") == "document_too_complex"


async def test_a_cancelled_extraction_kills_its_process(tmp_path: Path) -> None:
    program = worker(tmp_path, HANGS)
    extractions = Extractions(program)
    killed: list[int | None] = []
    create = asyncio.create_subprocess_exec

    async def record(*arguments: str, **options: object) -> asyncio.subprocess.Process:
        processes.append(await create(*arguments, **options))  # type: ignore[arg-type]
        started.set()
        return processes[-1]

    processes: list[asyncio.subprocess.Process] = []
    started = asyncio.Event()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncio, "create_subprocess_exec", record)
        reading = asyncio.create_task(extractions.extract(b"x", "txt", "alice"))
        await started.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
    killed.append(processes[0].returncode)
    assert killed == [-9]


async def test_users_and_the_server_have_a_limited_number_of_files_in_progress(tmp_path: Path) -> None:
    extractions = Extractions(worker(tmp_path, HANGS))
    users = ["alice", "alice", *(f"user {number}" for number in range(8))]
    reading = [asyncio.create_task(extractions.extract(b"x", "txt", user)) for user in users]
    await asyncio.sleep(0)
    with pytest.raises(DocumentError) as caught:
        await extractions.extract(b"x", "txt", "alice")
    assert caught.value.code == "limit_documents"
    with pytest.raises(DocumentError) as caught:
        await extractions.extract(b"x", "txt", "bob")
    assert caught.value.code == "busy"
    for task in reading:
        task.cancel()
    await asyncio.gather(*reading, return_exceptions=True)
