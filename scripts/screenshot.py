"""Takes the README's screenshot: speaks two lines in headless Chromium, and captures the page during the second.

``make screenshot`` runs this. It needs the voice that the tests install, chromium and chromedriver.
"""

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image

from tests.e2e import engines
from tests.e2e.page import Page
from tests.e2e.server import ROOT, Server, copy_installation
from tests.e2e.waits import until

TARGET = ROOT / "docs" / "images" / "terminal.png"
VOICE = ROOT / "var" / "tests" / "voices" / "joe"
WIDTH, HEIGHT = 1200, 630
"""CSS pixels, one pixel of the image each: the size in which social networks show links."""
MAX_BYTES = 60_000
COLORS = 64
"""Size of the image's palette."""
LINES = (
    "Deploy finished at 12:05: all 406 tests passed, and the bill is $3.50.",
    "Type, paste or pipe text, and hear it immediately, in a voice that runs on your own machine.",
)
WORD = 9
"""Number of the second line's word that is highlighted in the screenshot, from 1."""


def main() -> int:
    """Write the screenshot. Returns the exit status."""
    lacking = engines.missing("chromium")
    if lacking or not VOICE.is_dir():
        sys.stderr.write(f"{lacking or 'The tests have installed no voice yet: run make unit'}\n")
        return 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_installation(folder, VOICE)
        server = Server(folder, folder / "server.log")
        server.start()
        try:
            image = compress(capture(server.url))
        finally:
            server.stop()
    if len(image) > MAX_BYTES:
        sys.stderr.write(f"The screenshot has {len(image)} bytes, more than {MAX_BYTES}.\n")
        return 1
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(image)
    return 0


def capture(url: str) -> bytes:
    """Return a PNG of the page at ``url`` while it speaks the last of ``LINES``."""
    driver = engines.launch("chromium", engines.Setup(dark=True), display="")
    try:
        page = Page(driver, url).open()
        page.resize(WIDTH, HEIGHT)
        for line in LINES[:-1]:
            page.say(line)
            page.entry("done")
        spoken = len(page.recorded("marks"))
        page.say(LINES[-1])
        until(lambda: len(page.recorded("marks")) >= spoken + WORD, within=20, what="the word is highlighted")
        return driver.get_screenshot_as_png()
    finally:
        engines.quit_browser(driver)


def compress(image: bytes) -> bytes:
    """Return the PNG ``image`` with a palette of ``COLORS`` colors."""
    packed = io.BytesIO()
    with Image.open(io.BytesIO(image)) as picture:
        reduced = picture.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
        reduced.save(packed, "PNG", optimize=True)
    return packed.getvalue()


if __name__ == "__main__":
    sys.exit(main())
