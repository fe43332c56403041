"""A simulated screen reader in the page: what it says while a user works, and while it reads on."""

from pathlib import Path

from tests.e2e.page import Page

PACKAGE = Path(__file__).parents[2] / "node_modules" / "@guidepup" / "virtual-screen-reader"
SOURCE = PACKAGE / "lib" / "esm" / "index.browser.js"
START = """
const [what, done] = arguments;
const container = document.querySelector(what);
window.screenReader.start({ container }).then(() => done(), (error) => done(String(error)));
"""
READ_ON = """
const [steps, done] = arguments;
const read = async () => {
  for (let step = 0; step < steps; step += 1) await window.screenReader.next();
};
read().then(() => done(), (error) => done(String(error)));
"""
SPOKEN = """
const [done] = arguments;
const take = async () => {
  const phrases = await window.screenReader.spokenPhraseLog();
  await window.screenReader.clearSpokenPhraseLog();
  return phrases;
};
take().then(done, (error) => done([String(error)]));
"""
STOP = "const [done] = arguments; window.screenReader.stop().then(() => done());"


class ScreenReader:
    """The virtual screen reader of Guidepup, in a page that a browser shows."""

    def __init__(self, page: Page) -> None:
        self._page = page
        script, _, rest = SOURCE.read_text(encoding="utf-8").rpartition("export{")
        # Of "X as virtual": a script that the driver runs is no module.
        own = next(name for name in rest.partition("}")[0].split(",") if name.endswith(" as virtual"))
        page.run(f"{script}; window.screenReader = {own.removesuffix(' as virtual').strip()};")

    def start(self, container: str = "body") -> None:
        """Begin at the first element that matches the selector ``container``; says its first item."""
        assert self._page.driver.execute_async_script(START, container) is None

    def stop(self) -> None:
        """End the screen reader, so that it can begin in another container."""
        self._page.driver.execute_async_script(STOP)

    def read_on(self, steps: int) -> None:
        """Go to the next item, ``steps`` times."""
        assert self._page.driver.execute_async_script(READ_ON, steps) is None

    def spoken(self) -> list[str]:
        """Return what was said since the last call, in order."""
        return list(self._page.driver.execute_async_script(SPOKEN))
