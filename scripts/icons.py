"""Draws the icons of the installed page from ``static/favicon.svg``, with headless Chromium.

``python -m scripts.icons`` runs this after the picture has changed.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.e2e.engines import CHROMIUM, which

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "static" / "favicon.svg"
TARGET = ROOT / "static" / "icons"
SIZES = {"icon-192": 192, "icon-512": 512, "maskable-512": 512}
"""Pixels by name."""


def main() -> int:
    """Write the icons. Returns the exit status."""
    browser = which(*CHROMIUM)
    if browser is None:
        sys.stderr.write("Chromium is missing: run make browsers\n")
        return 1
    TARGET.mkdir(exist_ok=True)
    for name, pixels in SIZES.items():
        draw(browser, name, pixels)
    return 0


def draw(browser: str, name: str, pixels: int) -> None:
    """Write one icon. A maskable one fills its square, because the system cuts off the corners."""
    picture = SOURCE.read_text(encoding="utf-8")
    if name.startswith("maskable"):
        picture = re.sub(r' rx="\d+"', "", picture)
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "icon.html"
        page.write_text(f"<style>*{{margin:0}}svg{{display:block;width:{pixels}px}}</style>{picture}", encoding="utf-8")
        command = [browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        command += ["--default-background-color=00000000", f"--window-size={pixels},{pixels}"]
        command += [f"--user-data-dir={folder}/profile", f"--screenshot={TARGET / name}.png", page.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=60)  # noqa: S603 - our own browser and page


if __name__ == "__main__":
    sys.exit(main())
