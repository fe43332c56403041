"""Template tags for the page's ES modules."""

import posixpath
import re
from functools import cache
from pathlib import Path

from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.jsdoc import without_jsdoc

IMPORT = re.compile(rb"""^(?:import|export)\b[^;]*?["'](\.{1,2}/[^"']+)["'];""", re.MULTILINE)

register = template.Library()


@register.simple_tag
@cache
def module_script(name: str) -> SafeString:
    """Return the script tag of an ES module, and a link that preloads each module that it imports statically.

    Without the links, a browser discovers the modules one import at a time. Dynamic ``import()`` is not followed. The
    result is cached for the lifetime of the process, like the file names.
    """
    links = format_html_join("", '<link rel="modulepreload" href="{}">\n  ', ((static(one),) for one in imports(name)))
    return format_html('{}<script type="module" src="{}"></script>', links, static(name))


def imports(name: str) -> list[str]:
    """Return the names of all modules that a module imports, transitively, sorted. Raises ``LookupError``."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        module = waiting.pop()
        for target in _direct_imports(module):
            if target not in found:
                found.add(target)
                waiting.append(target)
    return sorted(found)


def _direct_imports(name: str) -> list[str]:
    path = finders.find(name)
    if path is None:
        raise LookupError(f"There is no static file {name}.")
    script = without_jsdoc(Path(path).read_bytes())
    folder = posixpath.dirname(name)
    return [posixpath.normpath(posixpath.join(folder, found.decode())) for found in IMPORT.findall(script)]
