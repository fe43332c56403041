"""All fuzz targets by name."""

from tests.fuzz import frames, text, themes, voices, web
from tests.fuzz.target import Target

TARGETS: dict[str, Target] = {
    **text.TARGETS,
    **frames.TARGETS,
    **themes.TARGETS,
    **voices.TARGETS,
    **web.TARGETS,
}
