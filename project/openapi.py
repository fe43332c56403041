"""Describes the HTTP API as an OpenAPI 3.1 document, built from the constants that the views check.

No library: those that generate such documents (drf-spectacular, django-ninja, FastAPI) derive them from their own view
classes, and the API would have to be rewritten for one. Tests compare the document with the routes, validate it, and
generate requests from it.
"""

from typing import Any, Final

from core.api.errors import STATUS as API_STATUS
from synthesis.api.dialects import openapi as dialects
from synthesis.api.errors import STATUS
from synthesis.api.listings import MODELS
from synthesis.api.parameters import CAPTIONS, GRANULARITIES, STREAM_FORMATS
from synthesis.audio.formats import FORMATS, RATES
from synthesis.limits.policy import DEFAULT_POLICY
from synthesis.text.annotation.reading_options import LENGTHS, SWITCHES, TREATED, Treatment
from terminal.say.api import MAX_TITLE, OPTIONS
from themes.formats import WRITABLE
from themes.models import Mode
from themes.store.services import CONTRASTS
from themes.views.token_api import ERROR_STATUS

Schema = dict[str, Any]

JSON: Final = "application/json"
FILE_TYPES: Final = ("application/xml", "application/yaml")
TEXT: Schema = {"type": "string"}
OBJECT: Schema = {"type": "object"}


TAGS: Final = (
    ("Speech", "Speaks a text. The requests are those of OpenAI's API.", ("/v1/audio/speech",)),
    ("Voices and models", "Public, like the voice menu of the page.", ("/v1/audio/", "/v1/models")),
    ("Open tabs", "Speaks in the browser tabs in which the token's account is signed in.", ("/v1/terminal/",)),
    ("Themes", "Changes appear in the account's open tabs immediately.", ("/v1/theme",)),
    ("ElevenLabs", "The token is the key, in the header xi-api-key.", ("/v1/text-to-speech", "/v1/voices", "/v2/")),
    ("Coqui", "The requests of Coqui's tts-server.", ("/api/tts",)),
    ("MaryTTS", "The requests of MaryTTS's server.", ("/process", "/voices", "/locales", "/audioformats", "/version")),
    ("Piper", "The requests of Piper's HTTP server.", ("/synthesize", "/info")),
)
"""Name and description of each group of operations, and the beginnings of its paths; the first match wins."""


def document() -> Schema:
    """Return the OpenAPI document."""
    paths = _paths()
    for path, item in paths.items():
        tag = next(name for name, _, beginnings in TAGS if path.startswith(beginnings))
        for method in item.keys() - {"parameters"}:
            item[method] = {"tags": [tag], **item[method]}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Alphanumeric",
            "version": "1",
            "summary": "Speech and themes over HTTP; the speech endpoints follow OpenAI's API.",
            "license": {"name": "MPL-2.0", "identifier": "MPL-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {}],
        "tags": [{"name": name, "description": text} for name, text, _ in TAGS],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            **dialects.components(),
            "schemas": {"SpeechRequest": speech_request(), "ThemeSelection": _selection(), "Error": error()},
        },
    }


def _paths() -> Schema:
    return {
        "/v1/audio/speech": {"post": _speech()},
        "/v1/audio/speech/explain": {"post": _explanation()},
        "/v1/audio/voices": {"get": _listing("List the voices", "voices", "data")},
        "/v1/audio/models": {"get": _listing("List the models, for open-webui", "models", "data")},
        "/v1/models": {"get": _listing("List OpenAI's model names and the voices", "data")},
        "/v1/models/{name}": {
            "get": _operation("Describe one model", OBJECT, [404]) | {"parameters": [_in_path("name", TEXT)]}
        },
        "/v1/terminal/say": {
            "post": _say(),
            "delete": _with_token("Stop all texts that were sent to the account's tabs", OBJECT),
        },
        "/v1/terminal/say/{entry}": {
            "parameters": [_in_path("entry", TEXT)],
            "delete": _with_token("Stop one text", OBJECT, [404]),
        },
        "/v1/terminal/queue": {"get": _with_token("List the texts that were neither spoken nor stopped", OBJECT)},
        **dialects.paths(),
        "/v1/theme": {
            "get": _themes("Return the selected themes", OBJECT),
            "put": _themes("Select themes", OBJECT, [400, 404, 413, 415])
            | {"requestBody": _body({JSON: {"schema": _ref("ThemeSelection"), "example": {"mode": "dark"}}})},
        },
        "/v1/themes": {
            "get": _themes("List presets and own themes", OBJECT),
            "post": _themes("Import a theme file", OBJECT, [400, 413, 429], created=True)
            | {"parameters": [_in_query("name", TEXT), _in_query("show", {"enum": ["true", "false"]})], **_file()},
        },
        "/v1/themes/{reference}": {
            "parameters": [_in_path("reference", {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"})],
            "get": _themes("Return or export a theme", OBJECT, [400, 404], exported=True)
            | {"parameters": [_in_query("format", {"enum": list(WRITABLE)})]},
            "put": _themes("Replace an own theme", OBJECT, [400, 404, 409, 413]) | _file(),
            "delete": _themes("Delete an own theme", OBJECT, [404]),
        },
    }


def _speech() -> Schema:
    audio: Schema = {one.media_type.split(";")[0]: {"schema": {}} for one in FORMATS.values()}
    others = {
        "text/event-stream": {"schema": {}},
        JSON: {"schema": OBJECT},
        "application/x-subrip": {"schema": TEXT},
        "text/vtt": {"schema": TEXT},
    }
    operation = _operation("Speak a text", OBJECT, sorted({400, 413, 415, *STATUS.values()} - set(_NOT_SPEECH)))
    operation["responses"]["200"] = {"description": "The audio, its events, or captions.", "content": audio | others}
    example = {"input": "Hello, alice.", "voice": "alloy", "response_format": "mp3", "speed": 1.1}
    return operation | {"requestBody": _body({JSON: {"schema": _ref("SpeechRequest"), "example": example}})}


_NOT_SPEECH = (404, 405, 409)


def _explanation() -> Schema:
    errors = sorted({400, 413, 415, *STATUS.values()} - set(_NOT_SPEECH))
    operation = _operation("Explain how a text is read", OBJECT, errors)
    example = {"input": "It costs $3.50."}
    return operation | {"requestBody": _body({JSON: {"schema": _ref("SpeechRequest"), "example": example}})}


def _say() -> Schema:
    number = {"type": ["number", "null"], "minimum": DEFAULT_POLICY.min_speed, "maximum": DEFAULT_POLICY.max_speed}
    nullable: Schema = {"type": ["string", "null"]}
    properties = {"input": TEXT, "voice": nullable, "speed": number, "title": nullable | {"maxLength": MAX_TITLE}}
    body = {"type": "object", "required": ["input"], "properties": properties}
    operation = _with_token("Speak a text in the account's open tabs", OBJECT, [400, 413, 500])
    delivered = operation["responses"].pop("200")
    operation["responses"] |= {
        "201": delivered | {"description": "A tab has the text."},
        "202": delivered | {"description": "The text waits for a tab."},
    }
    query = [_in_query(name, number if name == "speed" else nullable) for name in OPTIONS]
    example = {"input": "All 406 tests passed.", "title": "make test"}
    content = {JSON: {"schema": body, "example": example}, "text/plain": {"schema": TEXT}}
    return operation | {"parameters": query, "requestBody": _body(content)}


def _with_token(summary: str, schema: Schema, errors: list[int] | None = None) -> Schema:
    return _operation(summary, schema, [403, *(errors or [])]) | {"security": [{"token": []}]}


def speech_request() -> Schema:
    """Return the schema of the body of ``POST /v1/audio/speech``."""

    def optional(schema: Schema, description: str, default: Any = None) -> Schema:
        return {"anyOf": [schema, {"type": "null"}], "default": default, "description": description}

    policy = DEFAULT_POLICY
    speeds = policy.min_speed, policy.max_speed
    return {
        "type": "object",
        "required": ["input"],
        "properties": {
            "input": {"type": "string", "description": f"Up to {policy.max_text_length} code points by default."},
            "voice": optional(TEXT, "A voice's id or alias."),
            "model": optional(TEXT, f"Any text, such as {MODELS[0]}; a voice's name selects the voice."),
            "speaker": optional(TEXT, "A speaker of a voice with several."),
            "response_format": optional({"enum": [*FORMATS, *CAPTIONS]}, "Audio or captions.", next(iter(FORMATS))),
            "speed": optional(
                {"type": "number", "minimum": speeds[0], "maximum": speeds[1]}, "Times the usual speed.", 1
            ),
            "sample_rate": optional({"enum": list(RATES)}, "In Hz."),
            "stream": optional({"type": "boolean"}, "Whether to begin before all is synthesized.", default=True),
            "stream_format": optional({"enum": list(STREAM_FORMATS)}, "Audio or events.", STREAM_FORMATS[0]),
            "timestamp_granularities": optional(
                {"type": "array", "items": {"enum": list(GRANULARITIES)}}, "Whether to return the times of words."
            ),
            "input_type": optional(
                {"type": "string", "enum": ["auto", "text", "ssml"]},
                "Whether the input is SSML; auto: if it begins with <speak> and ends with </speak>.",
                default="auto",
            ),
            "reading": optional(
                {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        **{name: {"type": ["string", "null"], "enum": [*Treatment, None]} for name in TREATED},
                        **{name: {"type": ["number", "null"], "minimum": 0, "maximum": 10} for name in LENGTHS},
                        **{name: {"type": ["boolean", "null"]} for name in SWITCHES},
                    },
                },
                "How parts of the text are treated, and the lengths of pauses; absent options are the account's.",
            ),
            "skip_thinking": optional({"type": "boolean"}, "Whether <think> blocks are left out.", default=True),
            "instructions": optional(TEXT, "Ignored."),
        },
    }


def _selection() -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "mode": {"enum": [*Mode.values, None]},
            "dark": {"type": ["string", "null"]},
            "light": {"type": ["string", "null"]},
            "minimum_contrast": {"enum": [*CONTRASTS, None]},
        },
    }


def error() -> Schema:
    """Return the schema of errors in OpenAI's shape."""
    codes = sorted({*API_STATUS, *STATUS, *ERROR_STATUS})
    return {
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["message", "type", "param", "code"],
                "properties": {
                    "message": TEXT,
                    "type": {"enum": ["invalid_request_error", "server_error"]},
                    "param": {"type": ["string", "null"]},
                    "code": {"type": "string", "examples": codes},
                    "retry_after": {"type": "number", "description": "Seconds."},
                    "correlation_id": {"type": "string", "description": "The X-Request-ID of the response."},
                },
            }
        },
    }


def _listing(summary: str, *names: str) -> Schema:
    listed = {"type": "array", "items": {"type": "object", "required": ["id"], "properties": {"id": TEXT}}}
    properties = dict.fromkeys(names, listed)
    return _operation(summary, {"type": "object", "required": list(names), "properties": properties})


def _themes(
    summary: str, schema: Schema, errors: list[int] | None = None, *, created: bool = False, exported: bool = False
) -> Schema:
    operation = _operation(summary, schema, [403, *(errors or [])], status="201" if created else "200")
    if exported:
        operation["responses"]["200"]["content"] |= {name: {"schema": {}} for name in FILE_TYPES}
    return operation | {"security": [{"token": []}]}


def _operation(summary: str, schema: Schema, errors: list[int] | None = None, status: str = "200") -> Schema:
    refusal = {"description": "An error.", "content": {JSON: {"schema": _ref("Error")}}}
    codes = sorted({401, 429, 503, *(errors or [])})
    return {
        "summary": summary,
        "responses": {
            status: {"description": "The result.", "content": {JSON: {"schema": schema}}},
            **{str(code): refusal for code in codes},
        },
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _body(content: Schema) -> Schema:
    return {"required": True, "content": content}


def _file() -> Schema:
    return {"requestBody": _body({"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}})}


def _in_path(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _in_query(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "schema": schema}
