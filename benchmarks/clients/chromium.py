"""Headless Chromium for the benchmarks."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from benchmarks.report import NotMeasuredError

FLAGS = (
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1280,900",
)


@contextmanager
def chromium() -> Iterator[Chrome]:
    """Yield a browser with a new profile. Raises ``NotMeasuredError`` if none is installed."""
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if browser is None or driver is None:
        raise NotMeasuredError("Chromium is missing: 'make browsers', or apt install chromium chromium-driver")
    options = ChromeOptions()
    options.binary_location = browser
    # Chromium's sandbox refuses to start for root, which containers often run as.
    for flag in (*FLAGS, *(("--no-sandbox",) if os.geteuid() == 0 else ())):
        options.add_argument(flag)
    try:
        chrome = Chrome(options=options, service=Service(driver))
    except WebDriverException as error:
        raise NotMeasuredError(f"Chromium does not start: {error.msg}") from error
    try:
        yield chrome
    finally:
        chrome.quit()
