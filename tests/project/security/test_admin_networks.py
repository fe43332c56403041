"""The admin is restricted to ``ADMIN_ALLOWED_NETWORKS``."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import AsyncClient, Client

pytestmark = pytest.mark.django_db
PATHS = ["/admin", "/admin/", "/admin/login/", "/admin/auth/user/", "/admin/nothing", "/%61dmin/"]


@pytest.fixture(autouse=True)
def _restricted_admin(settings: Any) -> None:
    settings.ADMIN_ALLOWED_NETWORKS = ["192.168.1.0/24", "fd00::/8"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("client_address", ["203.0.113.9", "192.168.2.1", "2001:db8::1", "", "home"])
def test_the_admin_is_hidden_from_other_networks(
    client: Client, admin_user: Any, path: str, client_address: str
) -> None:
    client.force_login(admin_user)
    answer = client.get(path, REMOTE_ADDR=client_address)
    nothing = client.get("/nothing-here", REMOTE_ADDR=client_address)
    assert (answer.status_code, answer.text) == (404, nothing.text)
    # The headers do not reveal the admin either.
    assert {**answer.headers, "Vary": ""} == {**nothing.headers, "Vary": ""}


@pytest.mark.parametrize("client_address", ["192.168.1.7", "fd12::1", "::ffff:192.168.1.7"])
def test_the_admin_is_served_to_allowed_networks(client: Client, client_address: str) -> None:
    assert client.get("/admin/login/", REMOTE_ADDR=client_address).status_code == 200


def test_admin_passwords_cannot_be_tried_from_other_networks(client: Client, admin_user: Any) -> None:
    fields = {"username": "admin", "password": "password"}
    assert client.post("/admin/login/", fields, REMOTE_ADDR="203.0.113.9").status_code == 404
    assert "sessionid" not in client.cookies


@pytest.mark.parametrize("path", ["/themes/", "/accounts/", "/administrators"])
def test_other_pages_are_served_to_all_networks(client: Client, path: str, settings: Any) -> None:
    shown = client.get(path, REMOTE_ADDR="203.0.113.9").status_code
    settings.ADMIN_ALLOWED_NETWORKS = []
    assert shown == client.get(path, REMOTE_ADDR="203.0.113.9").status_code


def test_without_networks_the_admin_is_public(client: Client, settings: Any) -> None:
    settings.ADMIN_ALLOWED_NETWORKS = []
    assert client.get("/admin/login/", REMOTE_ADDR="203.0.113.9").status_code == 200


@pytest.mark.django_db(transaction=True)
async def test_the_asgi_application_hides_the_admin(async_client: AsyncClient) -> None:
    elsewhere = await async_client.get("/admin/", headers={"X-Forwarded-For": "192.168.1.7"})
    assert elsewhere.status_code == 404
    assert b"<h2>There is no page at this address.</h2>" in elsewhere.content


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("prefix", ["/x", "/", "/admin", "//"])
@pytest.mark.parametrize("path", ["/admin/login/", "/x/admin/login/", "//admin/login/", "/admin/admin/login/"])
async def test_a_script_prefix_does_not_expose_the_admin(prefix: str, path: str) -> None:
    assert (await AsyncClient(root_path=prefix).get(path)).status_code == 404


def test_staff_in_other_networks_get_no_link_to_the_admin(client: Client, admin_user: Any, settings: Any) -> None:
    settings.ADMIN_REQUIRE_2FA = True
    client.force_login(admin_user)
    for address in ("/accounts/", "/accounts/second-factor/"):
        elsewhere = client.get(address, REMOTE_ADDR="203.0.113.9")
        assert (elsewhere.status_code, b"/admin/" in elsewhere.content) == (200, False)
    assert b'href="/admin/"' in client.get("/accounts/", REMOTE_ADDR="192.168.1.7").content


@pytest.mark.parametrize("value", ["home", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/8;fd00::/8"])
def test_an_invalid_network_prevents_the_start(tmp_path: Path, value: str) -> None:
    own = {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "project.settings", "ADMIN_ALLOWED_NETWORKS": value}
    code = "from django.conf import settings; settings.PORT"
    environment = {**os.environ, **own}
    root = Path(__file__).parents[3]
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode != 0
    assert re.search(
        r'"ADMIN_ALLOWED_NETWORKS" invalid: .*network|"ADMIN_ALLOWED_NETWORKS" invalid: .*host bits', result.stderr
    )
