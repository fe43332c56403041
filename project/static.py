"""Static files under names that change with their content, in compressed forms made once."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleAwareStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise ships no types
    """Also rewrites what ES modules import from each other, so that no module of an old release is ever mixed in."""

    support_js_module_import_aggregation = True
