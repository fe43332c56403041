"""Turns the OpenAPI and AsyncAPI documents into the groups, rows and texts of the reference page. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from django.utils.text import slugify

from project.api_reference import asyncapi
from project.openapi import document

Schema = Mapping[str, Any]

MAX_DEPTH: Final = 3
"""Levels of nested objects that have rows of their own."""
METHODS: Final = ("get", "post", "put", "delete")


@dataclass(frozen=True, slots=True)
class Row:
    """A parameter or a field. Nested fields have names with dots."""

    name: str
    kind: str
    text: str
    required: bool
    place: str = ""
    """Where it is sent: ``path``, ``query`` or empty."""


@dataclass(frozen=True, slots=True)
class Content:
    """Media types that have the same fields."""

    types: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Statuses with the same description and content."""

    statuses: tuple[str, ...]
    text: str
    contents: tuple[Content, ...]

    @property
    def fields(self) -> str:
        """Return the names of all fields."""
        return ", ".join(dict.fromkeys(row.name for content in self.contents for row in content.rows))


@dataclass(frozen=True, slots=True)
class Entry:
    """An HTTP operation, or a message of a websocket."""

    anchor: str
    method: str
    """Of HTTP; empty for a message."""
    name: str
    summary: str
    parameters: tuple[Row, ...] = ()
    bodies: tuple[Content, ...] = ()
    results: tuple[Answer, ...] = ()
    errors: tuple[Answer, ...] = ()
    example: str = ""
    """The rest of the command ``curl 'SERVER``; empty for a message."""
    token: bool = False
    """Whether a token is required on every machine."""

    @property
    def words(self) -> str:
        """Return the text that the search examines, in lower case."""
        rows = [*self.parameters, *(row for body in self.bodies for row in body.rows)]
        named = " ".join(f"{row.name} {row.kind} {row.text}" for row in rows)
        return f"{self.method} {self.name} {self.summary} {named}".casefold()


@dataclass(frozen=True, slots=True)
class Group:
    """The operations of a tag, or the messages of a websocket in one direction."""

    anchor: str
    title: str
    text: str
    entries: tuple[Entry, ...]


@cache
def groups() -> tuple[Group, ...]:
    """Return all groups in the order of the documents, HTTP first."""
    return (*_http_groups(document()), *_socket_groups(asyncapi.document()))


def error_content() -> Answer:
    """Return the fields of an error in OpenAI's shape."""
    described = document()
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return Answer((), "An error.", _contents(described, content))


def search(query: str, among: tuple[Group, ...]) -> tuple[Group, ...]:
    """Return the groups with those entries that contain all words of ``query``, or a group's title does."""
    words = query.casefold().split()

    def matches(group: Group, entry: Entry) -> bool:
        text = f"{group.title.casefold()} {entry.words}"
        return all(word in text for word in words)

    found = [
        Group(group.anchor, group.title, group.text, tuple(one for one in group.entries if matches(group, one)))
        for group in among
    ]
    return tuple(group for group in found if group.entries)


def _http_groups(described: Schema) -> Iterator[Group]:
    for tag in described["tags"]:
        entries = tuple(
            _operation(described, path, method, item)
            for path, item in described["paths"].items()
            for method in METHODS
            if tag["name"] in item.get(method, {}).get("tags", ())
        )
        yield Group(slugify(tag["name"]), tag["name"], tag["description"], entries)


def _operation(described: Schema, path: str, method: str, item: Schema) -> Entry:
    operation = item[method]
    listed = [_resolve(described, one) for one in (*item.get("parameters", ()), *operation.get("parameters", ()))]
    parameters = tuple(
        Row(
            one["name"],
            _kind(described, one["schema"]),
            one.get("description", ""),
            one.get("required", False),
            one["in"],
        )
        for one in listed
    )
    body = _resolve(described, operation.get("requestBody", {})).get("content", {})
    answers = _answers(described, operation["responses"])
    token = {} not in operation.get("security", described["security"])
    return Entry(
        anchor=slugify(f"{method} {path}".replace("/", " ")),
        method=method.upper(),
        name=path,
        summary=operation["summary"],
        parameters=parameters,
        bodies=_contents(described, body),
        results=tuple(one for one in answers if one.statuses[0] < "4"),
        errors=tuple(one for one in answers if one.statuses[0] >= "4"),
        example=_example(path, method, body, answers[0].contents, token=token),
        token=token,
    )


def _answers(described: Schema, responses: Schema) -> list[Answer]:
    found: dict[tuple[str, tuple[Content, ...]], list[str]] = {}
    for status, response in responses.items():
        resolved = _resolve(described, response)
        key = resolved["description"], _contents(described, resolved["content"])
        found.setdefault(key, []).append(status)
    return [Answer(tuple(statuses), text, contents) for (text, contents), statuses in found.items()]


def _contents(described: Schema, content: Schema) -> tuple[Content, ...]:
    found: dict[tuple[Row, ...], list[str]] = {}
    for media_type, value in content.items():
        found.setdefault(tuple(_rows(described, value["schema"])), []).append(media_type)
    return tuple(Content(tuple(types), rows) for rows, types in found.items())


def _rows(described: Schema, schema: Schema, prefix: str = "", depth: int = 0) -> Iterator[Row]:
    """Yield the fields of an object, those of nested objects and of objects in lists after them."""
    resolved = _resolve(described, schema)
    required = resolved.get("required", ())
    for name, field in resolved.get("properties", {}).items():
        inner = _resolve(described, field)
        note = _note(inner)
        yield Row(prefix + name, _kind(described, inner), note, name in required)
        nested, mark = _nested(described, inner)
        if depth < MAX_DEPTH - 1:
            yield from _rows(described, nested, f"{prefix}{name}{mark}.", depth + 1)


def _nested(described: Schema, schema: Schema) -> tuple[Schema, str]:
    """Return the schema whose properties are fields of ``schema``, and ``[]`` if they are those of a list."""
    for one in (schema, *schema.get("anyOf", ())):
        resolved = _resolve(described, one)
        if "items" in resolved:
            return _resolve(described, resolved["items"]), "[]"
        if "properties" in resolved:
            return resolved, ""
    return {}, ""


def _note(schema: Schema) -> str:
    """Return the description with default and bounds."""
    parts = [schema.get("description", "")]
    bounded: Schema = next(
        (one for one in (schema, *schema.get("anyOf", ())) if "minimum" in one or "maximum" in one), {}
    )
    if "minimum" in bounded and "maximum" in bounded:
        parts.append(f"From {bounded['minimum']:g} to {bounded['maximum']:g}.")
    if schema.get("default") is not None:
        parts.append(f"Default: {json.dumps(schema['default']).strip(chr(34))}.")
    return " ".join(filter(None, parts))


def _kind(described: Schema, schema: Schema) -> str:
    """Return the type in words, such as ``string or null``, ``one of mp3, opus`` or ``list of objects``."""
    resolved = _resolve(described, schema)
    if "anyOf" in resolved:
        return " or ".join(dict.fromkeys(_kind(described, one) for one in resolved["anyOf"]))
    if "const" in resolved:
        return json.dumps(resolved["const"])
    if "enum" in resolved:
        return f"one of {', '.join('null' if one is None else str(one) for one in resolved['enum'])}"
    kinds = resolved.get("type", "any")
    if "items" in resolved and kinds == "array":
        return f"list: {_kind(described, resolved['items'])}"
    return " or ".join([kinds] if isinstance(kinds, str) else kinds).replace("array", "list")


def _resolve(described: Schema, schema: Schema) -> Schema:
    """Return what a reference within the document names."""
    while "$ref" in schema:
        reference = str(schema["$ref"])
        schema = described
        for key in reference.removeprefix("#/").split("/"):
            schema = schema[key]
    return schema


_VALUES: Final = {"voice_id": "joe", "name": "joe", "reference": "default-dark", "entry": "ID"}
"""Of path parameters in examples."""
_QUERIES: Final = {
    "/api/tts": "?text=Hello,%20alice.",
    "/process": "?INPUT_TEXT=Hello,%20alice.&INPUT_TYPE=TEXT&OUTPUT_TYPE=AUDIO",
}


_FILES: Final = {"audio/mpeg": "hello.mp3", "audio/wav": "hello.wav"}


def _example(path: str, method: str, body: Schema, results: tuple[Content, ...], *, token: bool) -> str:
    """Return the rest of the command ``curl 'SERVER``."""
    address = path
    for name, value in _VALUES.items():
        address = address.replace(f"{{{name}}}", value)
    parts = [f"{address}{_QUERIES.get(path, '')}'"]
    if token:
        parts.append("-H 'Authorization: Bearer TOKEN'")
    if method not in ("get", "post") or (method == "post" and not body):
        parts.append(f"-X {method.upper()}")
    if (sample := body.get("application/json", {}).get("example")) is not None:
        parts += ["-H 'Content-Type: application/json'", f"-d '{json.dumps(sample)}'"]
    elif body:
        parts.append("--data-binary @FILE")
    parts += [f"-o {_FILES[one]}" for content in results for one in content.types if one in _FILES][:1]
    return " \\\n  ".join(parts)


def _socket_groups(described: Schema) -> Iterator[Group]:
    for key, channel in described["channels"].items():
        for action, direction in (("receive", "messages from the client"), ("send", "messages from the server")):
            operation = described["operations"][f"{key}{action.capitalize()}"]
            entries = tuple(
                _message(channel["address"], _resolve(described, reference)) for reference in operation["messages"]
            )
            title = f"Websocket {channel['address']}: {direction}"
            yield Group(slugify(title.replace("/", " ")), title, channel["description"], entries)


def _message(address: str, message: Schema) -> Entry:
    rows = tuple(row for row in _rows({}, message["payload"]) if row.name != "type")
    anchor = slugify(f"{address} {message['name']}".replace("/", " ").replace(".", " "))
    bodies = (Content(("JSON",), rows),) if rows else ()
    return Entry(anchor, "", message["name"], message["summary"], bodies=bodies)
