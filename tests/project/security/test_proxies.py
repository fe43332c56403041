"""Tests the messages about a misconfigured proxy: they name the received origin and the setting to change."""

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import AsyncRequestFactory, Client
from pytest_django import Settings

from project.security.proxy_fault import proxy_fault_middleware
from project.server.trusted_proxies import PROXY_FAULT
from synthesis.runtime import Runtime

FORM = {"username": "alice", "password1": "a long password", "password2": "a long password"}


def browser() -> Client:
    """A client with the cookie of the CSRF protection."""
    client = Client(enforce_csrf_checks=True, headers={"host": "speech.test", "accept": "text/html"})
    client.get("/accounts/sign-up/")
    return client


@pytest.fixture(autouse=True)
def _hosts(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["speech.test"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://speech.test", 302),
        ("https://speech.test", 302),
        ("http://listed.test:8142", 302),
        ("http://speech.test:8142", 403),
        ("http://evil.test", 403),
        ("null", 403),
    ],
)
def test_forms_follow_the_rule_of_the_socket(settings: Settings, origin: str, status: int) -> None:
    settings.TRUSTED_ORIGINS = ["http://listed.test:8142"]
    client = browser()
    fields = {**FORM, "csrfmiddlewaretoken": client.cookies["csrftoken"].value}
    assert client.post("/accounts/sign-up/", fields, headers={"origin": origin}).status_code == status
    assert User.objects.exists() is (status == 302)


@pytest.mark.django_db
def test_the_page_of_a_refused_origin_names_it_and_the_setting() -> None:
    client = browser()
    fields = {**FORM, "csrfmiddlewaretoken": client.cookies["csrftoken"].value}
    page = client.post("/accounts/sign-up/", fields, headers={"origin": "http://speech.test:8142"}).content.decode()
    assert "http://speech.test:8142" in page
    assert "TRUSTED_ORIGINS=http://speech.test:8142" in page
    assert "expired" not in page


@pytest.mark.django_db
def test_the_plain_form_names_the_origin_too(runtime_with_voice: Runtime) -> None:
    page = browser().post("/", {"text": "Hello."}, headers={"origin": "http://alice.test"}).content.decode()
    assert "TRUSTED_ORIGINS=http://alice.test" in page


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("host", ["10.42.0.7:8000", "voice_web", ""])
def test_probes_are_answered_for_any_host(runtime: Runtime, path: str, host: str) -> None:
    response = Client(headers={"host": host}).get(path)
    assert response.status_code in (200, 503)
    assert response.json()
    assert Client(headers={"host": host}).get("/").status_code == 400


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_of_a_proxy_need_no_scheme(settings: Settings, path: str) -> None:
    settings.SECURE_SSL_REDIRECT = True
    request = AsyncRequestFactory().get(path)
    request.scope = {**request.scope, PROXY_FAULT: "The proxy 10.0.0.1 sends no X-Forwarded-Proto."}
    assert proxy_fault_middleware(lambda _: HttpResponse())(request).status_code == 200


def test_an_endless_redirect_is_an_answer(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    served = proxy_fault_middleware(lambda _: HttpResponse())
    request = AsyncRequestFactory().get("/")
    assert served(request).status_code == 200
    request.scope = {**request.scope, PROXY_FAULT: "The proxy 10.0.0.1 sends no X-Forwarded-Proto."}
    response = served(request)
    assert response.status_code == 400
    assert response.content == b"The proxy 10.0.0.1 sends no X-Forwarded-Proto.\n"
