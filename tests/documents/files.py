"""Builds small files of each type, well-formed and hostile."""

import io
import zipfile
import zlib
from collections.abc import Mapping

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
)
NAVIGATION = (
    '<html><body><nav epub:type="toc"><ol><li><a href="one.xhtml">Chapter One</a>'
    '<ol><li><a href="one.xhtml#s">A section</a></li></ol></li>'
    '<li><a href="text/two%202.xhtml">Chapter Two</a></li></ol></nav></body></html>'
)
CONTENTS = '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
ONE = (
    '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title><script>alert(1)</script></head><body>'
    '<h1>Chapter One</h1><p>First<a epub:type="noteref" href="text/two%202.xhtml#n1">1</a> &amp; foremost.</p>'
    '<h2 id="s">A section</h2><p>More.</p></body></html>'
)
TWO = (
    "<html><body><h1>Chapter Two</h1><p>Second.</p>"
    '<aside id="n1" epub:type="footnote"><p>1. A note.</p></aside></body></html>'
)
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def archive(members: Mapping[str, str | bytes]) -> bytes:
    """Return a ZIP file."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return data.getvalue()


def epub(
    more: Mapping[str, str | bytes] | None = None, items: str = "", spine: str = "", contents: str = CONTENTS
) -> bytes:
    """Return a book with two chapters, a footnote, and a table of contents."""
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        "<dc:title>The Book</dc:title><dc:language>en</dc:language></metadata><manifest>"
        f'{contents}<item id="one" href="one.xhtml" media-type="application/xhtml+xml"/>'
        f'<item id="two" href="text/two%202.xhtml" media-type="application/xhtml+xml"/>{items}</manifest>'
        f'<spine><itemref idref="one"/><itemref idref="two"/>{spine}</spine></package>'
    )
    members: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OEBPS/book.opf": package,
        "OEBPS/nav.xhtml": NAVIGATION,
        "OEBPS/one.xhtml": ONE,
        "OEBPS/text/two 2.xhtml": TWO,
    }
    return archive({**members, **(more or {})})


def docx(body: str, more: Mapping[str, str | bytes] | None = None) -> bytes:
    """Return a document with that content of ``w:body``."""
    members: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "word/document.xml": f"<w:document {WORD}><w:body>{body}</w:body></w:document>",
    }
    return archive({**members, **(more or {})})


def pdf(pages: list[list[str]], bookmarks: list[tuple[str, int]] | None = None, stream: bytes | None = None) -> bytes:
    """Return a PDF file with lines of text, or with a compressed ``stream`` as the content of each page."""
    objects: list[bytes] = []

    def add(content: bytes) -> int:
        objects.append(content)
        return len(objects)

    catalog, tree, font, outlines = (add(b"") for _ in range(4))
    numbers = []
    for lines in pages:
        shown = b"".join(b"(%b) Tj T* " % line.encode("latin-1") for line in lines)
        content = zlib.compress(stream or b"BT /F1 12 Tf 14 TL 72 720 Td " + shown + b"ET")
        number = add(b"<</Length %d/Filter/FlateDecode>>stream\n%b\nendstream" % (len(content), content))
        page = b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 612 792]/Contents %d 0 R/Resources<</Font<</F1 %d 0 R>>>>>>"
        numbers.append(add(page % (tree, number, font)))
    marks = [len(objects) + 1 + place for place in range(len(bookmarks or []))]
    for place, (title, page_number) in enumerate(bookmarks or []):
        following = b"/Next %d 0 R" % marks[place + 1] if place + 1 < len(marks) else b""
        fields = (title.encode(), outlines, numbers[page_number], following)
        add(b"<</Title(%b)/Parent %d 0 R/Dest[%d 0 R/Fit]%b>>" % fields)
    objects[catalog - 1] = b"<</Type/Catalog/Pages %d 0 R/Outlines %d 0 R>>" % (tree, outlines)
    kids = b" ".join(b"%d 0 R" % number for number in numbers)
    objects[tree - 1] = b"<</Type/Pages/Count %d/Kids[%b]>>" % (len(numbers), kids)
    objects[font - 1] = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
    ends = b"/First %d 0 R/Last %d 0 R/Count %d" % (marks[0], marks[-1], len(marks)) if marks else b""
    objects[outlines - 1] = b"<</Type/Outlines%b>>" % ends
    data = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    data += b"trailer<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, catalog, start)
    return bytes(data)
