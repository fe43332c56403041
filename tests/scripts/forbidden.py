"""Finds forbidden constructs: code execution from text, and markup from text."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    "accounts",
    "benchmarks",
    "client",
    "core",
    "documents",
    "feedback",
    "manual",
    "monitoring",
    "project",
    "pronunciation",
    "scripts",
    "synthesis",
    "terminal",
    "themes",
)
BUILT_IN = {"eval", "exec", "compile", "__import__"}
CALLS = {
    *(
        f"{module}.{name}"
        for module in ("pickle", "marshal", "dill", "joblib", "cloudpickle")
        for name in ("load", "loads")
    ),
    *(f"yaml.{name}" for name in ("load", "load_all", "full_load", "full_load_all", "unsafe_load", "unsafe_load_all")),
    *("pickle.Unpickler", "shelve.open", "os.system", "os.popen", "pty.spawn", "tempfile.mktemp", "runpy.run_path"),
    *(f"subprocess.{name}" for name in ("getoutput", "getstatusoutput")),
    *("django.utils.safestring.mark_safe", "django.db.models.expressions.RawSQL"),
}
POSSESSIVE_GROUP = re.compile(r"\)(?:[*+?]|\{\d*,?\d*\})\+")
"""Wrong in Python before 3.11.5 (gh-106052), as Debian 12 has it. Use an atomic group: ``(?>(?:...)*)``."""
SCRIPT = re.compile(
    r"\.(?:inner|outer)HTML\b|insertAdjacentHTML|document\.write|\beval\(|new Function\b|createContextualFragment"
    r"|set(?:Timeout|Interval)\(\s*[\"'`]|\b(?:local|session)Storage\b|\bindexedDB\b|javascript:"
)
TEMPLATE = re.compile(
    r"\|\s*safe\b|\|\s*safeseq\b|autoescape\s+off|\son[a-z]+\s*=|\sstyle\s*=|<style|javascript:"
    r"|<script(?![^>]*\ssrc=)(?![^>]*type=\"application/json\")"
)


def in_python(source: str) -> list[str]:
    """Return the forbidden constructs of a module, with their lines."""
    tree = ast.parse(source)
    names = dict(_imported(tree))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    found = [f"{node.lineno}: {what}" for node in calls if (what := _wrong(node, names))]
    used = [node for node in ast.walk(tree) if isinstance(node, ast.Name | ast.Attribute)]
    return found + [f"{node.lineno}: {name}" for node in used if (name := _dotted(node, names)) in CALLS]


def _imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Map the names that a module imports to their full names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                yield alias.asname or first, alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from ((alias.asname or alias.name, f"{node.module}.{alias.name}") for alias in node.names)


def _dotted(node: ast.expr, names: dict[str, str]) -> str:
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value, names)}.{node.attr}"
    return ""


def _wrong(call: ast.Call, names: dict[str, str]) -> str:
    name = _dotted(call.func, names)
    given = {word.arg: word.value for word in call.keywords}
    if isinstance(call.func, ast.Name) and name in BUILT_IN:
        return name
    if name == "django.utils.safestring.SafeString":
        return "SafeString made by hand"
    if name == "torch.load" and not _is(given.get("weights_only"), constant=True):
        return "torch.load without weights_only=True"
    if "shell" in given and not _is(given["shell"], constant=False):
        return f"{name} with a shell"
    return "numpy.load of objects" if "allow_pickle" in given and not _is(given["allow_pickle"], constant=False) else ""


def _is(node: ast.expr | None, *, constant: bool) -> bool:
    return isinstance(node, ast.Constant) and node.value is constant


def modules() -> list[Path]:
    """Return the project's Python files, without the tests."""
    return [ROOT / "manage.py", *(path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))]


def pages() -> dict[Path, re.Pattern[str]]:
    """Return the project's JavaScript files and templates, each with its forbidden patterns."""
    scripts = dict.fromkeys(sorted((ROOT / "static").rglob("*.js")), SCRIPT)
    return scripts | dict.fromkeys(sorted((ROOT / "templates").rglob("*.html")), TEMPLATE)
