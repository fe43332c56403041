"""The server below a path, behind the real nginx and Caddy with the files of ``deploy/``."""

import json
import re
import socket
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from project.health.checks import Bounds, run
from project.health.client import Target
from tests.e2e.server import ROOT, Server, _free_port, copy_installation
from tests.e2e.waits import until
from tests.programs import find_program

DEPLOY = ROOT / "deploy"
LINK = re.compile(r'(?:href|src|action|data-styles)="(/[^"]*)"')
WIDE = Bounds(page_s=60, first_audio_s=60, theme_s=60)

pytestmark = pytest.mark.voice


class Site:
    """The address of a proxy, and a client that trusts its certificate."""

    def __init__(self, port: int, certificate: Path) -> None:
        self.url = f"https://localhost:{port}"
        self.port = port
        self.context = ssl.create_default_context(cafile=str(certificate))

    def get(self, path: str, **headers: str) -> tuple[int, str, dict[str, str]]:
        request = urllib.request.Request(self.url + path, headers={"Accept": "text/html", **headers})  # noqa: S310 - ours
        opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=self.context), _NoRedirects)
        try:
            with opener.open(request, timeout=20) as answer:
                return answer.status, answer.read().decode(errors="replace"), dict(answer.headers)
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(errors="replace"), dict(error.headers)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    names = "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"
    command = [
        find_program("openssl", "openssl"),
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]
    command += [
        "-subj",
        "/CN=localhost",
        "-addext",
        names,
        "-keyout",
        str(folder / "key.pem"),
        "-out",
        str(folder / "cert.pem"),
    ]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "cert.pem"


@pytest.fixture(scope="module")
def served(joe_voice_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("below-a-path")
    copy_installation(folder, joe_voice_dir)
    server = Server(
        folder, folder / "server.log", URL_PREFIX="voice/", BEHIND_TLS_PROXY="true", TRUSTED_PROXIES="127.0.0.1"
    )
    server.start()
    yield server
    server.stop()
    assert server.complaints() == ""


def nginx(folder: Path, served: Server, certificate: Path) -> tuple[list[str], int]:
    port = _free_port()
    text = (DEPLOY / "nginx" / "sub-path.conf").read_text()
    for ours, theirs in (
        ("127.0.0.1:8000", f"127.0.0.1:{served.port}"),
        ("/etc/nginx/alphanumeric/proxy.conf", str(DEPLOY / "nginx" / "proxy.conf")),
        ("/etc/ssl/private/speech.example.com.key", str(certificate.with_name("key.pem"))),
        ("/etc/ssl/speech.example.com.pem", str(certificate)),
        ("443", str(port)),
    ):
        assert ours in text
        text = text.replace(ours, theirs)
    temporary = " ".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log;\nevents {{ worker_connections 64; }}\n"
        f"http {{ access_log off; {temporary}\n{text}\n}}"
    )
    return [find_program("nginx", "nginx-light"), "-p", str(folder), "-c", str(folder / "nginx.conf")], port


def caddy(folder: Path, served: Server, certificate: Path) -> tuple[list[str], int]:
    port = _free_port()
    text = (DEPLOY / "caddy" / "sub-path.Caddyfile").read_text()
    text = text.replace("{$UPSTREAM:127.0.0.1:8000}", f"127.0.0.1:{served.port}")
    tls = f"\ttls {certificate} {certificate.with_name('key.pem')}\n"
    text = text.replace("{$SITE:speech.example.com} {\n", f"https://localhost:{port} {{\n{tls}")
    (folder / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https disable_redirects\n}\n" + text)
    program = find_program("caddy", "caddy")
    return [program, "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"], port


@pytest.fixture(scope="module", params=[nginx, caddy])
def site(
    request: pytest.FixtureRequest, served: Server, certificate: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    make: Callable[[Path, Server, Path], tuple[list[str], int]] = request.param
    folder = tmp_path_factory.mktemp("proxy")
    command, port = make(folder, served, certificate)
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, stderr=log, env={"HOME": str(folder)}) as process,
    ):
        made = Site(port, certificate)

        def answers() -> bool:
            assert process.poll() is None, (folder / "log").read_text()
            try:
                return made.get("/voice/healthz")[0] == 200
            except OSError:
                return False

        until(answers, what="the proxy answers")
        yield made
        process.terminate()


def test_page_socket_speech_and_themes_work_below_a_path(
    site: Site, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    results = {result.name: result for result in run(Target(f"{site.url}/voice"), WIDE, None)}
    assert [result.detail for result in results.values() if result.ok is False] == []
    assert all(results[name].ok for name in ("ready", "page", "socket", "speech", "theme"))


def test_all_links_files_and_redirects_stay_below_the_path(site: Site) -> None:
    status, page, headers = site.get("/voice/")
    assert status == 200
    links = LINK.findall(page)
    assert len(links) > 10
    assert [link for link in links if not link.startswith("/voice/")] == []
    assert {site.get(link)[0] for link in links if "/static/" in link or link.endswith(".css")} == {200}
    assert 'data-root="/voice/"' in page
    assert "report-uri /voice/csp-report" in headers["Content-Security-Policy"]
    assert "Path=/voice/" in headers["Set-Cookie"]
    _, _, admin = site.get("/voice/admin/")
    assert admin["Location"] == "/voice/admin/login/?next=/voice/admin/"
    assert site.get("/voice/accounts")[2]["Location"] == "/voice/accounts/"
    assert site.get("/voice")[2]["Location"].removeprefix(site.url) == "/voice/"
    assert json.loads(site.get("/voice/v1/models")[1])["data"]
    assert site.get("/voice/voice/")[0] == 404


def test_a_client_cannot_set_the_prefix(site: Site) -> None:
    for name in ("Daphne-Root-Path", "Script-Name", "X-Script-Name"):
        assert 'data-root="/voice/"' in site.get("/voice/", **{name: "/evil"})[1]


def test_browsers_get_http_2_and_ipv6(site: Site) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    try:
        plain = socket.create_connection(("::1", site.port), 5)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with plain, context.wrap_socket(plain, server_hostname="localhost") as secure:
        assert secure.selected_alpn_protocol() == "h2"


def test_probes_at_the_root_and_a_proxy_that_removes_the_prefix_work(served: Server) -> None:
    for path in ("healthz", "readyz", "voice/healthz"):
        with urllib.request.urlopen(served.url + path, timeout=20) as answer:  # noqa: S310 - our own server
            assert answer.status == 200
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/voice"}
    request = urllib.request.Request(served.url, headers=headers)  # noqa: S310 - our own server
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - our own server
        assert b'data-root="/voice/"' in answer.read()


def test_the_files_for_a_whole_host_are_valid(certificate: Path, tmp_path: Path) -> None:
    programs = find_program("caddy", "caddy"), find_program("nginx", "nginx-light")
    for name in ("Caddyfile", "sub-path.Caddyfile"):
        command = [programs[0], "validate", "--config", str(DEPLOY / "caddy" / name), "--adapter", "caddyfile"]
        subprocess.run(command, check=True, capture_output=True, env={"HOME": str(tmp_path)})
    text = (DEPLOY / "nginx" / "alphanumeric.conf").read_text()
    text = text.replace("/etc/nginx/alphanumeric/", f"{DEPLOY}/nginx/")
    text = text.replace("/etc/ssl/private/speech.example.com.key", str(certificate.with_name("key.pem")))
    text = text.replace("/etc/ssl/speech.example.com.pem", str(certificate))
    (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/pid; events {{ }} http {{ {text} }}")
    command = [programs[1], "-t", "-c", str(tmp_path / "nginx.conf")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    # Only ports and log files need more rights than these tests have.
    assert "syntax is ok" in done.stderr, done.stderr
