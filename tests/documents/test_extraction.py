"""The text and the structure of files of each type."""

import pytest

from documents.errors import DocumentError
from documents.extraction.extract import extract
from documents.extraction.model import Document
from tests.documents.files import WORD, archive, docx, epub, pdf


def outline_of(document: Document) -> list[tuple[str, int, int]]:
    return [(heading.title, heading.level, heading.paragraph) for heading in document.outline]


def test_an_epub_has_its_chapters_as_outline_and_notes_after_their_paragraph() -> None:
    document = extract(epub(), "epub")
    assert document.paragraphs == [
        "Chapter One", "First & foremost.", "[1] A note.", "A section", "More.", "Chapter Two", "Second.",
    ]  # fmt: skip
    assert outline_of(document) == [("Chapter One", 1, 0), ("A section", 2, 3), ("Chapter Two", 1, 5)]
    assert document.to_dict()["title"] == "The Book"
    assert document.to_dict()["language"] == "en"


def test_an_epub_of_version_2_has_its_contents_in_an_ncx_file() -> None:
    ncx = (
        '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><docTitle><text>Not a chapter</text></docTitle><navMap>'
        '<navPoint><navLabel><text>I</text></navLabel><content src="one.xhtml"/>'
        '<navPoint><navLabel><text>I.1</text></navLabel><content src="one.xhtml#s"/></navPoint></navPoint>'
        "</navMap></ncx>"
    )
    item = '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
    document = extract(epub({"OEBPS/toc.ncx": ncx}, contents=item), "epub")
    assert outline_of(document) == [("I", 1, 0), ("I.1", 2, 3)]


def test_an_epub_without_contents_has_its_headings_as_outline() -> None:
    document = extract(epub(contents=""), "epub")
    assert outline_of(document) == [("Chapter One", 1, 0), ("A section", 2, 3), ("Chapter Two", 1, 5)]


def test_a_docx_has_headings_rows_and_notes_but_no_deleted_text() -> None:
    body = (
        '<w:p><w:pPr><w:pStyle w:val="berschrift1"/></w:pPr><w:r><w:t>Intro</w:t></w:r></w:p>'
        "<w:p><w:r><w:t>Some </w:t></w:r><w:del><w:r><w:delText>old</w:delText></w:r></w:del><w:ins><w:r><w:t>new"
        '</w:t></w:r></w:ins><w:r><w:footnoteReference w:id="2"/></w:r></w:p>'
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>A</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>B</w:t></w:r></w:p></w:tc>"
        "</w:tr><w:tr><w:tc><w:p><w:r><w:t>1</w:t><w:br/><w:t>2</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    )
    more: dict[str, str | bytes] = {
        "word/styles.xml": f'<w:styles {WORD}><w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>'
        "</w:styles>",
        "word/footnotes.xml": f'<w:footnotes {WORD}><w:footnote w:type="separator" w:id="0"><w:p/></w:footnote>'
        '<w:footnote w:id="2"><w:p><w:r><w:t>See there.</w:t></w:r></w:p></w:footnote></w:footnotes>',
        "docProps/core.xml": '<c xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Report</dc:title></c>',
        # Macros are never opened.
        "word/vbaProject.bin": b"\xd0\xcf\x11\xe0macro",
    }
    document = extract(docx(body, more), "docm")
    assert document.paragraphs == ["Intro", "Some new", "[1] See there.", "A; B", "1 2"]
    assert outline_of(document) == [("Intro", 1, 0)]
    assert document.title == "Report"


def test_a_pdf_has_its_bookmarks_as_outline_and_no_running_heads() -> None:
    pages = [
        ["The running head", "Chapter One" if number == 0 else "and then it went on to the end.", "A sentence that is",
         "interrup-", f"ted on page {number}.", str(number)]
        for number in range(5)
    ]  # fmt: skip
    document = extract(pdf(pages, [("Chapter One", 0), ("Not on the page", 3)]), "pdf")
    text = "\n\n".join(document.paragraphs)
    assert "running head" not in text
    assert "A sentence that is interrupted on page 0." in text
    assert outline_of(document)[0] == ("Chapter One", 1, 0)
    assert document.outline[1].title == "Not on the page"
    assert "page 3" in document.paragraphs[document.outline[1].paragraph]


def test_markdown_has_headings_items_rows_and_footnotes() -> None:
    table = "| A | B |\n|---|---|\n| 1 | 2 |"
    text = f"---\nx: y\n---\n# One\n\nHello *world*.[^a]\n\n3. c\n4. d\n\n{table}\n\n[^a]: A `note`.\n"
    document = extract(text.encode(), "md")
    assert document.paragraphs == ["One", "Hello world.", "[a] A note.", "3. c", "4. d", "A; B", "1; 2"]
    assert document.title == "One"


def test_html_is_read_from_its_main_content_without_scripts_and_hidden_parts() -> None:
    text = (
        '<!DOCTYPE html><html lang="de"><head><title>Page</title><style>p{}</style></head><body><nav>Menu</nav><main>'
        "<h2>Title</h2><p>One<br>two<p>Three <span hidden>no</span><script>no()</script><ul><li>a<ul><li>b</ul></ul>"
        "<table><tr><th>A<th>B<tr><td>1<td>2</table><pre>x  y\nz</pre><img src=http://example.com/x.png></main>"
        "<footer>Imprint</footer></body></html>"
    )
    document = extract(text.encode(), "html")
    assert document.paragraphs == ["Title", "One\ntwo", "Three", "a", "b", "A; B", "1; 2", "x y\nz"]
    assert (document.title, document.to_dict()["language"]) == ("Page", "de")


def test_subtitles_become_sentences() -> None:
    first = "\ufeff1\r\n00:00:01,000 --> 00:00:02,000\r\n<i>Hello</i>\r\nthere.\r\n\r\n"
    cues = f"{first}2\r\n00:00:03,0 --> 00:00:04,0\r\n{{\\an8}}Bye.\r\n"
    document = extract(cues.encode(), "srt")
    assert (document.kind, document.paragraphs) == ("srt", ["Hello there. Bye."])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252", "utf-8-sig"])
def test_the_encoding_of_a_text_is_detected(encoding: str) -> None:
    text = (
        "Chapter 1\n\nDie schönen Häuser liegen südlich der Straße.\n\nGrüße aus München für die Leser über das Meer."
    )
    document = extract(text.encode(encoding), "txt")
    assert document.paragraphs[1] == "Die schönen Häuser liegen südlich der Straße."
    assert outline_of(document) == [("Chapter 1", 1, 0)]


def test_wrapped_lines_of_a_text_are_joined_and_verses_are_not() -> None:
    first = "This is a line that was wrapped by a program at the usual wid-"
    wrapped = f"{first}\nth of about seventy characters in each of its lines.\n"
    document = extract(f"{wrapped}\nA verse\nof a poem\n".encode(), "txt")
    assert "usual width of about" in document.paragraphs[0]
    assert document.paragraphs[1] == "A verse\nof a poem"


def test_a_file_that_is_named_like_another_type_is_refused_by_its_content() -> None:
    for data, extension in (
        (pdf([["x"]]), "epub"),
        (b"plain text", "pdf"),
        (epub(), "docx"),
        (docx("<w:p/>"), "txt"),
    ):
        with pytest.raises(DocumentError) as caught:
            extract(data, extension)
        assert caught.value.code == "document_type_mismatch"
    for data in (b"\x7fELF\x02\x01\x01\0\0\0", b"MZ\x90\0\3\0", archive({"a": "b"}), b"GIF89a\1\0\1\0\0\xff\xff"):
        with pytest.raises(DocumentError) as caught:
            extract(data, "txt")
        assert caught.value.code == "document_type_unsupported"


def test_errors_of_files_without_text_name_the_next_step() -> None:
    with pytest.raises(DocumentError, match="OCR"):
        extract(pdf([[]]), "pdf")
    with pytest.raises(DocumentError, match="no text"):
        extract(b" \n", "txt")
