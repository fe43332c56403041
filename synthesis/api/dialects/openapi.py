"""The dialects in the OpenAPI document. Pure."""

from typing import Any, Final

from synthesis.api.dialects.elevenlabs.formats import OUTPUT_FORMATS
from synthesis.api.dialects.marytts import CODECS
from synthesis.audio.formats import FORMATS, TELEPHONE_FORMATS

Schema = dict[str, Any]

JSON: Final = "application/json"
TEXT: Final = "text/plain"
WAV: Final[Schema] = {"audio/wav": {"schema": {}}}
STRING: Final[Schema] = {"type": "string"}
OPTIONAL: Final[Schema] = {"type": ["string", "null"]}
DETAIL: Final[Schema] = {
    "type": "object",
    "required": ["detail"],
    "properties": {
        "detail": {
            "type": "object",
            "required": ["status", "message"],
            "properties": {"status": STRING, "message": STRING, "code": STRING, "param": OPTIONAL},
        }
    },
}
OPENAI_ERROR: Final[Schema] = {"$ref": "#/components/schemas/Error"}
SIMPLE: Final[Schema] = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": STRING, "code": STRING, "param": OPTIONAL},
}
LISTING: Final = (400, 401, 403, 404, 429, 503)
SPEAKING: Final = (*LISTING, 413, 415, 500)


def components() -> Schema:
    """Return the parts that several operations of dialects share."""
    details = {JSON: {"schema": DETAIL}}
    responses = {
        "ElevenLabsError": details,
        # An address that no pattern matches has an error of OpenAI's shape.
        "ElevenLabsNotFound": {JSON: {"schema": {"anyOf": [DETAIL, OPENAI_ERROR]}}},
        "SimpleError": {JSON: {"schema": SIMPLE}},
        "TextError": {TEXT: {"schema": STRING}},
        # Excess requests of an address are rejected before their path is examined.
        "Excess": {TEXT: {"schema": STRING}, JSON: {"schema": {"anyOf": [DETAIL, SIMPLE]}}},
    }
    return {
        "responses": {name: {"description": "An error.", "content": content} for name, content in responses.items()},
        "parameters": {
            "voice_id": {
                "name": "voice_id",
                "in": "path",
                "required": True,
                "schema": {"type": "string", "pattern": "^[-a-zA-Z0-9_:]+$"},
            },
            "output_format": _query("output_format", {"enum": [*OUTPUT_FORMATS]}),
        },
        "requestBodies": {
            "ElevenLabsSpeech": _body(_elevenlabs_request(), {"text": "Hello.", "voice_settings": {"speed": 1.1}}),
            "PiperSpeech": _body(_piper_request(), {"text": "Hello, alice.", "length_scale": 1.2}),
        },
    }


def paths() -> Schema:
    """Return the paths of all dialects."""
    return {**_elevenlabs(), **_servers()}


def _elevenlabs() -> Schema:
    voice = _ref("parameters/voice_id")

    def lists(summary: str, *parameters: Schema) -> Schema:
        return {"get": _operation(summary, {JSON: {"schema": {"type": "object"}}}, _details(LISTING), *parameters)}

    def speaks(summary: str, content: Schema) -> Schema:
        operation = _operation(summary, content, _details(SPEAKING), _ref("parameters/output_format"))
        return {"parameters": [voice], "post": {**operation, "requestBody": _ref("requestBodies/ElevenLabsSpeech")}}

    audio: Schema = {
        one.media_type.split(";")[0]: {"schema": {}}
        for one in (*(FORMATS[name] for name in ("mp3", "opus", "wav", "pcm")), *TELEPHONE_FORMATS.values())
    }
    timed: Schema = {JSON: {"schema": {}}}
    speech = "/v1/text-to-speech/{voice_id}"
    return {
        speech: speaks("ElevenLabs: speak a text", audio),
        f"{speech}/stream": speaks("ElevenLabs: speak a text, streamed", audio),
        f"{speech}/with-timestamps": speaks("ElevenLabs: speak a text, with the times of characters", timed),
        f"{speech}/stream/with-timestamps": speaks("ElevenLabs: lines of JSON with audio and times", timed),
        "/v1/voices": lists("ElevenLabs: list the voices"),
        "/v1/voices/{voice_id}": {"parameters": [voice], **lists("ElevenLabs: describe a voice")},
        "/v2/voices": lists("ElevenLabs: search the voices", _query("search", STRING)),
    }


def _servers() -> Schema:
    json_errors, text_errors = _errors(SPEAKING, "SimpleError"), _errors(SPEAKING, "TextError")
    coqui = [_query(name, STRING) for name in ("text", "speaker_id", "language_id")]
    mary = [
        *(_query(name, STRING) for name in ("INPUT_TEXT", "VOICE", "LOCALE")),
        *(_query(name, {"enum": [only]}) for name, only in (("INPUT_TYPE", "TEXT"), ("OUTPUT_TYPE", "AUDIO"))),
        _query("AUDIO", {"enum": [*CODECS]}),
    ]
    lines = {TEXT: {"schema": STRING}}
    anything = {JSON: {"schema": {"type": "object"}}}
    return {
        "/api/tts": {
            method: _operation("Coqui: speak a text; the parameters may be a form", WAV, json_errors, *coqui)
            for method in ("get", "post")
        },
        "/process": {
            method: _operation("MaryTTS: speak a text; the parameters may be a form", WAV, text_errors, *mary)
            for method in ("get", "post")
        },
        **{
            f"/{name}": {"get": _operation(f"MaryTTS: {name}", lines, text_errors)}
            for name in ("locales", "audioformats", "version")
        },
        "/voices": {"get": _operation("MaryTTS, Piper: list the voices", {**lines, **anything}, text_errors)},
        "/synthesize": {
            "post": {
                **_operation("Piper: speak a text", WAV, json_errors),
                "requestBody": _ref("requestBodies/PiperSpeech"),
            }
        },
        "/info": {"get": _operation("Piper: describe the default voice", anything, json_errors)},
    }


def _elevenlabs_request() -> Schema:
    settings = {"type": ["object", "null"], "properties": {"speed": {"type": ["number", "null"]}}}
    return {
        "type": "object",
        "required": ["text"],
        "properties": {"text": STRING, "model_id": {}, "voice_settings": settings},
    }


def _piper_request() -> Schema:
    return {
        "type": "object",
        "required": ["text"],
        "properties": {
            "text": STRING,
            "voice": OPTIONAL,
            "speaker": OPTIONAL,
            "speaker_id": {"type": ["integer", "null"]},
            "length_scale": {"type": ["number", "null"]},
        },
    }


def _operation(summary: str, content: Schema, errors: Schema, *parameters: Schema) -> Schema:
    responses = {"200": {"description": "The result.", "content": content}, **errors}
    return {"summary": summary, "parameters": list(parameters), "responses": responses}


def _details(statuses: tuple[int, ...]) -> Schema:
    return {**_errors(statuses, "ElevenLabsError"), "404": _ref("responses/ElevenLabsNotFound")}


def _errors(statuses: tuple[int, ...], name: str) -> Schema:
    return {str(status): _ref(f"responses/{'Excess' if status == 429 else name}") for status in sorted(statuses)}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/{name}"}


def _body(schema: Schema, example: Schema) -> Schema:
    return {"required": True, "content": {JSON: {"schema": schema, "example": example}}}


def _query(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "schema": schema}
