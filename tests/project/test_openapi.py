"""Tests that the OpenAPI document is valid and complete, and equals the file in the repository."""

import json
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import AsyncClient

from core.api.dialects import PATHS
from project.openapi import document
from synthesis.api.urls import not_found_urlpatterns
from tests.project.security.test_csrf_coverage import addresses

DOCS = Path(__file__).parents[2] / "docs"
NOT_FOUND = {str(pattern.pattern) for pattern in not_found_urlpatterns} | {
    "v1/text-to-speech/<path:rest>",
    "v1/voices/<path:rest>",
}


def _is_api(address: str) -> bool:
    return address.startswith("v1") or f"/{address}" in PATHS


@pytest.mark.parametrize(("name", "options"), [("openapi", []), ("asyncapi", ["--sockets"])])
def test_the_file_is_current(name: str, options: list[str]) -> None:
    written = StringIO()
    call_command("openapi", *options, stdout=written)
    # To update the files: manage.py openapi > docs/openapi.json; manage.py openapi --sockets > docs/asyncapi.json
    assert json.loads((DOCS / f"{name}.json").read_text("utf-8")) == json.loads(written.getvalue())


async def test_every_route_and_method_is_described(db: None) -> None:
    routes = {address for address, _ in addresses() if _is_api(address) and address not in NOT_FOUND}
    described = {path.lstrip("/"): set(item) - {"parameters"} for path, item in document()["paths"].items()}
    assert {re.sub(r"<\w+:(\w+)>", r"{\1}", route) for route in routes} == set(described)
    for path, methods in described.items():
        allow = (await AsyncClient().options("/" + re.sub(r"{\w+}", "x", path)))["Allow"].lower().split(", ")
        assert set(allow) - {"head", "options"} == methods
