"""All that is fuzzed, by name."""

from tests.fuzz import frames, looks, text, voices, web
from tests.fuzz.target import Target

TARGETS: dict[str, Target] = {
    **text.TARGETS,
    **frames.TARGETS,
    **looks.TARGETS,
    **voices.TARGETS,
    **web.TARGETS,
}
