"""axe-core: automatic accessibility rules."""

from pathlib import Path
from typing import Any

from tests.e2e.page import Page
from tests.e2e.waits import until

SOURCE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SETTLED = "return document.getAnimations().every((animation) => !(animation instanceof CSSTransition))"
RUN = """
const [rules, done] = arguments;
axe.run(document, { runOnly: rules, resultTypes: ["violations"] })
  .then(({ violations }) => done(violations), (error) => done(String(error)));
"""


def violations(page: Page, rules: list[str] = TAGS) -> list[str]:
    """Return the violations, one line per element; empty without violations. ``rules`` are names or tags of rules."""
    until(lambda: page.run(SETTLED), what="all transitions have ended")
    if not page.run("return 'axe' in window"):
        page.run(SOURCE.read_text(encoding="utf-8"))
    found: Any = page.driver.execute_async_script(RUN, rules)
    assert isinstance(found, list), found
    return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]
