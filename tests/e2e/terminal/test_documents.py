"""Opens files as documents: the outline, chapters, the stored position, and files that are refused."""

import base64

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.documents.files import ONE, TWO, epub
from tests.e2e.axe import violations
from tests.e2e.page import Page
from tests.e2e.site import Site
from tests.e2e.waits import until

DROP = """
const [name, content] = arguments;
const data = new DataTransfer();
data.items.add(new File([Uint8Array.from(atob(content), (one) => one.charCodeAt(0))], name));
for (const type of ["dragover", "drop"]) {
  document.body.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
}
"""
HEADER = ".document-header"
LONG = " ".join(["A sentence that takes a while to be spoken, so that the test can look at it."] * 8)
BOOK = epub(
    {
        "OEBPS/one.xhtml": ONE.replace("More.", LONG),
        "OEBPS/text/two 2.xhtml": TWO.replace("Second.", LONG),
    }
)


def drop(page: Page, name: str, content: bytes) -> None:
    """Drop a file on the page, after a click that lets the browser play audio."""
    page.prompt.click()
    page.run(DROP, name, base64.b64encode(content).decode())


def marked(page: Page) -> str:
    """Return the paragraph of the word that is spoken."""
    return str(page.run("return document.querySelector('mark')?.closest('p')?.textContent ?? ''"))


def test_a_book_is_one_entry_with_chapters_and_continues_where_it_stopped(page: Page) -> None:
    drop(page, "book.epub", BOOK)
    page.entry("speaking")
    header = page.driver.find_element(By.CSS_SELECTOR, HEADER)
    assert header.find_element(By.TAG_NAME, "h2").text == "The Book"
    assert page.entries[0].text.split("\n\n")[:3] == ["Chapter One", "First & foremost.", "[1] A note."]
    header.find_element(By.TAG_NAME, "summary").send_keys(Keys.ENTER)
    contents = until(lambda: header.find_elements(By.CSS_SELECTOR, "details button"), what="the contents are listed")
    assert [entry.text for entry in contents] == ["Chapter One", "A section", "Chapter Two"]
    assert violations(page) == []

    contents[1].send_keys(Keys.ENTER)
    until(lambda: "A section" in marked(page), what="the section is spoken")
    page.press(Keys.F9, holding=Keys.CONTROL)
    until(lambda: "Chapter Two" in marked(page), what="the second chapter is spoken")
    until(lambda: "A sentence" in marked(page), what="its first paragraph is spoken")
    page.press(Keys.ESCAPE)
    page.entry("stopped")
    # A page that is left stores the position at once.
    page.run("document.dispatchEvent(new Event('visibilitychange')); dispatchEvent(new Event('pagehide'))")
    page.run("return fetch('/healthz')")
    page.open()
    drop(page, "renamed.epub", BOOK)
    button = until(
        lambda: page.driver.find_elements(By.XPATH, "//dialog//button[starts-with(., 'continue at')]"),
        what="the page offers to continue",
    )[0]
    assert "Chapter Two" in button.text
    button.send_keys(Keys.ENTER)
    until(lambda: "A sentence" in marked(page), what="the document continues")
    page.press(Keys.ESCAPE)


def test_a_file_that_cannot_be_opened_gets_a_reason_and_no_entry(page: Page) -> None:
    drop(page, "program.pdf", b"\x7fELF\x02\x01\x01\0")
    until(lambda: "cannot be opened" in page.shown("hint"), what="the reason is shown")
    drop(page, "book.txt", BOOK)
    until(lambda: "its content is an EPUB" in page.shown("hint"), what="the reason is shown")
    assert page.entries == []
    assert not page.driver.find_elements(By.ID, "opening")


PASTE = """
const data = new DataTransfer();
data.setData("text/plain", arguments[0]);
const prompt = document.getElementById("prompt");
const event = new ClipboardEvent("paste", { bubbles: true, cancelable: true });
// Firefox gives a constructed event a DataTransfer without content.
Object.defineProperty(event, "clipboardData", { value: data });
prompt.dispatchEvent(event);
prompt.value = arguments[0];
"""


def test_a_url_is_opened_by_command_or_after_a_paste_and_can_be_cancelled(page: Page, site: Site) -> None:
    (site.folder / "news.html").write_text(f"<title>The News</title><main><h1>Today</h1><p>{LONG}</p></main>")
    page.prompt.send_keys(f"/open {site.url}/news.html", Keys.ENTER)
    page.entry("speaking")
    assert page.driver.find_element(By.CSS_SELECTOR, f"{HEADER} h2").text == "The News"
    assert page.entries[0].text.split("\n\n")[0] == "Today"
    page.press(Keys.ESCAPE)

    page.run(PASTE, f"{site.url}/silent")
    offer = until(
        lambda: page.driver.find_elements(By.CSS_SELECTOR, "#opening button"), what="the page offers to open it"
    )
    assert [one.text for one in offer] == ["open the page", "keep the text"]
    assert violations(page) == []
    offer[0].send_keys(Keys.ENTER)
    until(lambda: "Fetching" in page.driver.find_element(By.ID, "opening").text, what="the page is fetched")
    assert page.prompt.get_property("value") == ""
    page.driver.find_element(By.CSS_SELECTOR, "#opening button").send_keys(Keys.ENTER)
    until(lambda: "was not opened" in page.shown("hint"), what="the fetch is cancelled")

    page.run(PASTE, f"{site.url}/news.html")
    until(lambda: page.driver.find_elements(By.CSS_SELECTOR, "#opening button"), what="the page offers to open it")
    page.prompt.send_keys(" and more")
    assert not page.driver.find_elements(By.ID, "opening")
    page.prompt.clear()
    page.prompt.send_keys(f"/open http://[::1]:{site.port}/news.html", Keys.ENTER)
    until(lambda: "private network" in page.shown("hint"), what="the refusal is shown")
    assert len(page.entries) == 1
