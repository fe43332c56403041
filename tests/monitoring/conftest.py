"""A log in the JSON form, as the server writes it."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from project.logging import JsonFormatter, add_correlation_id

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def log() -> Iterator[Lines]:
    """Yield a function that returns the records so far."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    handler.addFilter(add_correlation_id)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(before)
