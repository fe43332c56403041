"""Repeated screenshots of a window while a page loads."""

import struct
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.e2e.page import Page
from tests.e2e.waits import until

GAP_S = 0.03
EVERY = 3
"""Sampling step in pixels, in both directions: glyphs are larger."""
MARGIN, WIDTH, HEIGHT = 8, 1000, 450
"""The part of the page that the browser's status bubble, shown at the bottom while loading, does not cover."""
PLACE = "return [screenX, screenY + outerHeight - innerHeight]"
XWD_HEADER = struct.Struct(">25I")
"""The header of the xwd format, in which Xvfb stores its frame buffer."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A screenshot: its most frequent color, ``ground``, and all its colors."""

    ground: str
    colors: frozenset[str]

    @property
    def plain(self) -> bool:
        """Tell whether nothing was drawn yet, because the picture has one color."""
        return len(self.colors) == 1


def film(page: Page, url: str, screen: Path) -> list[Picture]:
    """Load ``url``, and capture the window repeatedly until it has loaded and is painted."""
    left, top = page.run(PLACE)
    pictures: list[Picture] = []
    # The driver returns when the page has loaded, so it runs in another thread.
    going = threading.Thread(target=page.driver.get, args=(url,))
    going.start()
    while going.is_alive():
        pictures.append(_picture(screen, left, top))
        going.join(GAP_S)
    # On a busy machine, a browser paints some time after the page has loaded.
    until(lambda: not _picture(screen, left, top).plain, what="the page is painted")
    return [*pictures, _picture(screen, left, top)]


def _picture(screen: Path, left: int, top: int) -> Picture:
    part = _pixels(screen)[top + MARGIN : top + HEIGHT : EVERY, left + MARGIN : left + WIDTH : EVERY]
    colors, counts = np.unique(part.reshape(-1, 3), axis=0, return_counts=True)
    names = [f"#{red:02x}{green:02x}{blue:02x}" for blue, green, red in colors]
    return Picture(names[counts.argmax()], frozenset(names))


def _pixels(screen: Path) -> NDArray[np.uint8]:
    data = screen.read_bytes()
    header = XWD_HEADER.unpack_from(data)
    size, width, height, line, colors = header[0], header[4], header[5], header[12], header[19]
    rows = np.frombuffer(data, np.uint8, line * height, size + 12 * colors).reshape(height, line)
    # The fourth byte of each pixel is padding.
    return rows[:, : 4 * width].reshape(height, width, 4)[:, :, :3]
