"""Checks the messages of websockets against the AsyncAPI document."""

from functools import cache
from typing import Any

from jsonschema_rs import Draft202012Validator

from project.api_reference.asyncapi import STREAM, TERMINAL, payload

__all__ = ["STREAM", "TERMINAL", "check"]


@cache
def _validator(address: str, direction: str, name: str) -> Draft202012Validator:
    schema = payload(address, direction, name)
    assert schema is not None, f"{address} has no message {name} to {direction}"
    # A message with a field that the document lacks is an error as well.
    return Draft202012Validator(schema | {"additionalProperties": name == "error"})


def check(address: str, direction: str, message: dict[str, Any]) -> None:
    """Fail unless the document describes the message: ``receive`` comes from a client, ``send`` from the server."""
    problem = next(_validator(address, direction, message["type"]).iter_errors(message), None)
    assert problem is None, f"{message}: {problem}"
