"""Storage of static files: names contain a content hash, and files are compressed once."""

from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile, File
from whitenoise.storage import CompressedManifestStaticFilesStorage

from core.jsdoc import without_jsdoc


class ModuleAwareStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise ships no types
    """Also rewrites the imports of ES modules to hashed names, so that a page never mixes modules of two releases.

    It removes JSDoc, which is a third of the scripts. Types in it name modules that import each other, which Django
    would report as import cycles.
    """

    support_js_module_import_aggregation = True
    # Each pass resolves at least one level of imports; main.js has nine levels below it.
    max_post_process_passes = 20

    def save(self, name: str, content: "File[bytes]", max_length: int | None = None) -> str:
        """Store a file without its JSDoc; ``collectstatic`` calls this for each file."""
        if name.endswith(".js"):
            content = ContentFile(without_jsdoc(content.read()), name=name)
        return str(super().save(name, content, max_length))

    def post_process(self, paths: dict[str, Any], *args: Any, **options: Any) -> Iterator[tuple[str, str, bool]]:
        """Hash the stored scripts, not those in the source tree."""
        stored = {name: (self, name) if name.endswith(".js") else source for name, source in paths.items()}
        yield from super().post_process(stored, *args, **options)
