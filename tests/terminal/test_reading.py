"""How the page asks how a text is read."""

import pytest
from django.test import Client

from synthesis.runtime import Runtime

pytestmark = pytest.mark.django_db(transaction=True)
JSON = "application/json"


@pytest.mark.usefixtures("runtime_with_voice")
def test_words_have_their_class_and_spoken_form(client: Client) -> None:
    found = client.post("/reading/explain", {"text": "It costs $3.", "voice": "tone"}, content_type=JSON).json()
    assert found["language"] == "en-US"
    assert [(word["class"], word["spoken"]) for word in found["words"]][-1] == ("money", "three dollars")
    assert "θɹˈiː" in found["phonemes"]


def test_errors_name_their_field(client: Client, runtime_with_voice: Runtime) -> None:
    for fields, code in (
        ({}, "field_invalid"),
        ({"text": 3}, "field_invalid"),
        ({"text": "Hi", "voice": "nobody"}, "voice_unknown"),
        ({"text": "-"}, "text_unspeakable"),
        ({"text": "x" * 9000}, "text_too_long"),
    ):
        answer = client.post("/reading/explain", fields, content_type=JSON)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
    assert client.post("/reading/explain", "no JSON", content_type=JSON).json()["error"]["code"] == "body_invalid"
