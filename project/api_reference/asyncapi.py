"""Describes the websockets as an AsyncAPI 3.0 document. The tests' clients check each message against it."""

import dataclasses
import types
from collections.abc import Mapping
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from project.openapi import error, speech_request
from synthesis.api.parameters import CAPTIONS
from synthesis.audio.formats import FORMATS
from terminal.socket import protocol

Schema = dict[str, Any]

STREAM: Final = "/v1/audio/speech/stream"
TERMINAL: Final = "/ws/terminal/"
TEXT: Final[Schema] = {"type": "string"}
NULLABLE: Final[Schema] = {"type": ["string", "null"]}
INTEGER: Final[Schema] = {"type": "integer", "minimum": 0}
NUMBER: Final[Schema] = {"type": "number"}
NULLABLE_NUMBER: Final[Schema] = {"type": ["number", "null"]}
BOOLEAN: Final[Schema] = {"type": "boolean"}
OBJECT: Final[Schema] = {"type": "object"}
LIST: Final[Schema] = {"type": "array"}
SECONDS: Final[Schema] = {"type": "number", "description": "Seconds."}
TOKENS: Final = ("input_tokens", "output_tokens", "total_tokens")
NOT_FOR_STREAMS: Final = {"input", "stream", "stream_format", "instructions"}
_JSON_TYPES: Final = {int: "integer", float: "number", str: "string", bool: "boolean", dict: "object", list: "array"}


def document() -> Schema:
    """Return the AsyncAPI document."""
    channels = {
        "speechStream": (
            STREAM,
            "Speaks text while it arrives, such as the tokens of a chat model. Binary frames are audio in the chosen "
            "format. The token is sent as Authorization: Bearer with the handshake.",
            _stream_client(),
            _stream_server(),
        ),
        "terminal": (
            TERMINAL,
            "The page's own socket: speech, themes and texts of programs. docs/protocol.md describes the binary frames "
            "(a header of 16 bytes and PCM16), the flow control and the close codes.",
            _terminal_client(),
            _terminal_server(),
        ),
    }
    operations: Schema = {}
    for name, (_, _, sent, received) in channels.items():
        operations[f"{name}Receive"] = _operation(name, "receive", sent)
        operations[f"{name}Send"] = _operation(name, "send", received)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Alphanumeric",
            "version": "1",
            "description": "The websockets. Messages are JSON text frames with a type.",
            "license": {"name": "MPL-2.0", "url": "https://www.mozilla.org/MPL/2.0/"},
        },
        "defaultContentType": "application/json",
        "channels": {
            name: {"address": address, "description": text, "messages": sent | received}
            for name, (address, text, sent, received) in channels.items()
        },
        "operations": operations,
    }


def payload(address: str, direction: str, name: str) -> Schema | None:
    """Return the schema of a message: ``direction`` is ``receive`` (from clients) or ``send`` (from the server)."""
    made = document()
    for operation in made["operations"].values():
        channel = made["channels"][operation["channel"]["$ref"].rpartition("/")[2]]
        if (channel["address"], operation["action"]) != (address, direction):
            continue
        for message in (channel["messages"][ref["$ref"].rpartition("/")[2]] for ref in operation["messages"]):
            if message["name"] == name:
                return dict(message["payload"])
    return None


def _operation(channel: str, action: str, messages: Mapping[str, Schema]) -> Schema:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in messages],
    }


def _messages(side: str, fields: Mapping[str, tuple[str, Schema]], *, closed: bool = False) -> Schema:
    """Return messages by key; a field whose name ends with ``?`` is optional."""
    found: Schema = {}
    for name, (summary, properties) in fields.items():
        made: Schema = {
            "type": "object",
            "required": ["type", *(field for field in properties if not field.endswith("?"))],
            "properties": {
                "type": {"const": name},
                **{field.removesuffix("?"): schema for field, schema in properties.items()},
            },
        }
        if closed:
            made["additionalProperties"] = False
        key = f"{side}.{name}".replace(".", "_")
        found[key] = {"name": name, "summary": summary, "payload": made}
    return found


def _stream_client() -> Schema:
    properties = speech_request()["properties"]
    session = {f"{name}?": schema for name, schema in properties.items() if name not in NOT_FOR_STREAMS}
    formats = properties["response_format"]
    choices = [name for name in formats["anyOf"][0]["enum"] if name not in CAPTIONS]
    session["response_format?"] = formats | {"anyOf": [{"enum": choices}, {"type": "null"}], "default": "pcm"}
    return _messages(
        "client",
        {
            "session.update": ("Sets voice, speed and format of the next utterance.", session),
            "input_text.append": ("Adds text; the first one begins an utterance.", {"text": TEXT}),
            "input_text.flush": ("Speaks the buffered text, even if it ends within a sentence.", {}),
            "input_text.end": ("Speaks the buffered text; the utterance ends.", {}),
            "speech.cancel": ("Stops (barge-in), after so much audio was played.", {"played_s?": SECONDS}),
        },
    )


def _stream_server() -> Schema:
    audio_format: Schema = {"enum": [*FORMATS]}
    word: Schema = {"type": "object", "properties": {"word": TEXT, "start": SECONDS, "end": SECONDS}}
    mark: Schema = {"type": "object", "properties": {"name": TEXT, "time": SECONDS}}
    usage: Schema = {"type": "object", "required": [*TOKENS], "properties": dict.fromkeys(TOKENS, INTEGER)}
    session: Schema = {"format": audio_format, "speed": NUMBER}
    problem: Schema = error()["properties"]["error"]
    problem = problem | {
        "required": ["message", "param", "code"],
        "properties": {name: schema for name, schema in problem["properties"].items() if name != "type"},
    }
    words: Schema = {"words": {"type": "array", "items": word}, "marks?": {"type": "array", "items": mark}}
    return _messages(
        "server",
        {
            "session.created": ("The socket is ready.", session),
            "session.updated": ("The selection was changed.", session),
            "speech.started": ("Audio follows.", {"format": audio_format, "sample_rate": INTEGER}),
            "speech.words": ("The times of words, with timestamp_granularities.", words),
            "speech.done": ("The utterance has ended.", {"usage": usage}),
            "speech.cancelled": ("No audio follows.", {"heard": TEXT | {"description": "The text that was heard."}}),
            "error": ("An error; the socket stays open unless the client has no permission.", {"error": problem}),
        },
    )


def _terminal_client() -> Schema:
    fields: dict[str, tuple[str, Schema]] = {}
    for name in protocol.TYPES:
        message = protocol.message_class(name)
        hints = get_type_hints(message)
        own: Schema = {}
        for field in dataclasses.fields(message):
            optional = field.default is not dataclasses.MISSING
            own[field.name + "?" * optional] = _annotated(hints[field.name])
        fields[name] = (message.__doc__ or "").replace("``", ""), own
    return _messages("client", fields, closed=True)


def _annotated(hint: Any) -> Schema:
    """Return the schema of an annotation; an absent field is left out, never null."""
    if isinstance(hint, types.UnionType) or get_origin(hint) is Union:
        hint = next(one for one in get_args(hint) if one is not type(None))
    schema: Schema = {"type": _JSON_TYPES[get_origin(hint) or hint]}
    if hint is int:
        schema |= {"minimum": 0, "maximum": protocol.MAX_ID}
    if get_origin(hint) is list:
        schema |= {"items": _annotated(get_args(hint)[0]), "maxItems": protocol.MAX_HELD}
    return schema


def _terminal_server() -> Schema:
    identifier: Schema = {"id": INTEGER}
    selection: Schema = {"voice": NULLABLE, "speaker": NULLABLE, "speed": NUMBER}
    theme: Schema = {
        "revision": INTEGER,
        "mode": TEXT,
        "device_only": BOOLEAN,
        "minimum_contrast": NUMBER,
        "dark": OBJECT,
        "light": OBJECT,
    }
    created: Schema = {
        "protocol": {"const": protocol.VERSION},
        **selection,
        "voices": LIST,
        "limits": OBJECT,
        "queue": LIST,
        "theme": OBJECT,
        "account": NULLABLE,
        "device": NULLABLE,
    }
    started = {
        **identifier,
        **selection,
        "sample_rate": INTEGER,
        "channels": {"const": 1},
        "gain": NUMBER,
        "resume": NULLABLE,
    }
    words = {**identifier, "words": LIST, "total": INTEGER, "exact": BOOLEAN, "marks?": LIST}
    text = {"id": TEXT, "sender": TEXT, "title": NULLABLE, "text": TEXT, "voice": NULLABLE}
    problem = {"code": TEXT, "message": TEXT, "id?": INTEGER, "request_id?": INTEGER, "param?": TEXT}
    return _messages(
        "server",
        {
            "session.created": ("A full snapshot of the connection.", created),
            "session.changed": ("The session ended or changed; the server closes the socket.", {}),
            "session.updated": ("The selection was changed.", selection),
            "session.pong": ("The answer to session.ping.", {}),
            "speech.queued": (
                "The utterance is in the queue; position 0 is next.",
                {**identifier, "position": INTEGER},
            ),
            "speech.waiting": (
                "The server synthesizes as much as it can.",
                {**identifier, "position": INTEGER, "wait_s": SECONDS},
            ),
            "speech.started": ("Audio follows.", started),
            "speech.words": ("The samples of words, as lists of start, end, from, to.", words),
            "speech.done": ("The utterance has ended after so many samples.", {**identifier, "samples": INTEGER}),
            "speech.cancelled": ("The utterance was cancelled.", identifier),
            "speech.paused": ("The server sends no audio.", {}),
            "speech.resumed": ("The server sends audio again.", {}),
            "theme.changed": ("The selected themes.", theme),
            "theme.saved": ("A change was saved.", {"request_id": INTEGER, "revision": INTEGER}),
            "theme.listed": ("A part of the list of themes.", {"themes": LIST, "last": BOOLEAN}),
            "say.created": ("A text of a program.", {**text, "speed": NULLABLE_NUMBER, "created": NUMBER}),
            "say.cancelled": ("A text of a program was stopped.", {"id": TEXT}),
            "error": ("An error; with an id, the utterance has ended.", problem),
        },
    )
