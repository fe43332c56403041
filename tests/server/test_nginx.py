"""The server behind a real nginx, in configurations as operators write them."""

import asyncio
import http.client
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from tests.e2e.server import Server, _free_port, copy_installation
from tests.e2e.waits import until
from tests.programs import find_program

pytestmark = pytest.mark.voice

UPGRADE = "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;"
FORWARDED = "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;"
SITES = {
    # The host with its port.
    "right": f"{UPGRADE} {FORWARDED} proxy_set_header Host $http_host;",
    # $host has no port.
    "portless": f"{UPGRADE} {FORWARDED} proxy_set_header Host $host;",
    "port": f"{UPGRADE} {FORWARDED} proxy_set_header Host $host; proxy_set_header X-Forwarded-Port $server_port;",
    "forwarded": f"{UPGRADE} {FORWARDED} proxy_set_header Host voice.internal; "
    "proxy_set_header X-Forwarded-Host $http_host;",
    # The proxy drops the host, so the operator has listed the origin.
    "renamed": f"{UPGRADE} {FORWARDED} proxy_set_header Host voice.internal;",
    "without-upgrade": f"{FORWARDED} proxy_set_header Host $http_host;",
}
HEAD = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}
"""
SITE = """
  server {{ listen 127.0.0.1:{port}; server_name std.test;
    location / {{ proxy_pass http://127.0.0.1:{upstream}; proxy_http_version 1.1; {lines} }} }}
"""


@dataclass(frozen=True, slots=True)
class Proxied:
    """A server, and the port of each site in front of it."""

    server: Server
    ports: dict[str, int]

    def origin(self, site: str) -> str:
        return f"http://std.test:{self.ports[site]}"


@pytest.fixture(scope="module")
def proxied(joe_voice_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    nginx = find_program("nginx", "nginx-light")
    folder = tmp_path_factory.mktemp("proxied")
    copy_installation(folder, joe_voice_dir)
    ports = {name: _free_port() for name in SITES}
    server = Server(
        folder,
        folder / "server.log",
        ALLOWED_HOSTS="std.test, voice.internal, 127.0.0.1",
        TRUSTED_PROXIES="127.0.0.1/32",
        TRUSTED_ORIGINS=f"http://std.test:{ports['renamed']}/",
    )
    server.start()
    sites = [SITE.format(port=ports[name], upstream=server.port, lines=lines) for name, lines in SITES.items()]
    configuration = folder / "nginx.conf"
    configuration.write_text("\n".join((HEAD.format(folder=folder), *sites, "}")))
    with subprocess.Popen([nginx, "-p", str(folder), "-c", str(configuration)], stderr=subprocess.DEVNULL) as process:
        made = Proxied(server, ports)
        until(lambda: request(made, "right", "GET", "/healthz")[0] == 200, what="nginx answers")
        yield made
        process.terminate()
    server.stop()


def request(
    proxied: Proxied, site: str, method: str, path: str, body: str | None = None, **headers: str
) -> tuple[int, str, http.client.HTTPMessage]:
    """Send a request as a browser does that has opened ``site``."""
    connection = http.client.HTTPConnection("127.0.0.1", proxied.ports[site], timeout=10)
    sent = {"Host": f"std.test:{proxied.ports[site]}", "Accept": "text/html", **headers}
    if method == "POST":
        sent |= {"Origin": proxied.origin(site), "Content-Type": "application/x-www-form-urlencoded"}
    try:
        connection.request(method, path, body, sent)
        response = connection.getresponse()
        return response.status, response.read().decode(), response.headers
    except ConnectionRefusedError:
        return 0, "", http.client.HTTPMessage()
    finally:
        connection.close()


def sign_up(proxied: Proxied, site: str, name: str) -> tuple[int, str]:
    _, page, headers = request(proxied, site, "GET", "/accounts/sign-up/")
    cookies = SimpleCookie("; ".join(value.split(";")[0] for value in headers.get_all("Set-Cookie", [])))
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token
    fields = {"username": name, "password1": "a long password", "password2": "a long password"}
    status, page, _ = request(
        proxied,
        site,
        "POST",
        "/accounts/sign-up/",
        urlencode({**fields, "csrfmiddlewaretoken": token[1]}),
        Cookie="; ".join(f"{key}={morsel.value}" for key, morsel in cookies.items()),
    )
    return status, page


async def socket_opens(proxied: Proxied, site: str) -> bool:
    url = f"ws://std.test:{proxied.ports[site]}/ws/terminal/"
    origin = Origin(proxied.origin(site))
    try:
        async with (
            asyncio.timeout(10),
            connect(url, host="127.0.0.1", port=proxied.ports[site], origin=origin, proxy=None) as tab,
        ):
            return bool(json.loads(await tab.recv())["type"] == "session.created")
    except InvalidStatus:
        return False


@pytest.mark.parametrize("site", ["right", "port", "forwarded", "renamed"])
async def test_sockets_and_forms_work(proxied: Proxied, site: str) -> None:
    assert await socket_opens(proxied, site)
    assert sign_up(proxied, site, f"alice-{site}")[0] == 302
    assert "<audio" in request(proxied, site, "POST", "/", "text=Hello.")[1]


async def test_a_lost_port_is_named_with_the_setting(proxied: Proxied) -> None:
    wanted = f"TRUSTED_ORIGINS={proxied.origin('portless')}"
    assert not await socket_opens(proxied, "portless")
    assert wanted in proxied.server.complaints()
    status, page = sign_up(proxied, "portless", "bob")
    assert status == 403
    assert wanted in page
    status, page, _ = request(proxied, "portless", "POST", "/", "text=Hello.")
    assert status == 403
    assert wanted in page
    told = json.loads(request(proxied, "portless", "POST", "/ws/terminal/")[1])
    assert (told["form"], wanted in told["message"]) == (False, True)


async def test_without_websocket_upgrades_the_page_reports_it_and_the_form_works(proxied: Proxied) -> None:
    assert not await socket_opens(proxied, "without-upgrade")
    assert "handshake arrived without its Upgrade header" in proxied.server.complaints()
    told = json.loads(request(proxied, "without-upgrade", "POST", "/ws/terminal/")[1])
    assert told["summary"] == "the proxy does not pass websockets"
    assert told["form"] is True
    assert "<audio" in request(proxied, "without-upgrade", "POST", "/", "text=Hello.")[1]
