"""Static files under names that change with their content, in compressed forms made once."""

from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile, File
from whitenoise.storage import CompressedManifestStaticFilesStorage

from core.jsdoc import without_jsdoc


class ModuleAwareStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise ships no types
    """Also rewrites what ES modules import from each other, so that no module of an old release is ever mixed in.

    JSDoc is left out of what browsers load: it is a third of the scripts, and the types in it name modules that import
    each other, which would be taken for cycles of imports.
    """

    support_js_module_import_aggregation = True
    # A pass resolves at least one level of imports; from main.js to the theme editor there are nine.
    max_post_process_passes = 20

    def save(self, name: str, content: "File[bytes]", max_length: int | None = None) -> str:
        """Store a file as it is served; called for each file by ``collectstatic``."""
        if name.endswith(".js"):
            content = ContentFile(without_jsdoc(content.read()), name=name)
        return str(super().save(name, content, max_length))

    def post_process(self, paths: dict[str, Any], *args: Any, **options: Any) -> Iterator[tuple[str, str, bool]]:
        """Hash the scripts as they were stored, not as they lie in the source tree."""
        stored = {name: (self, name) if name.endswith(".js") else source for name, source in paths.items()}
        yield from super().post_process(stored, *args, **options)
