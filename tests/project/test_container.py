"""Tests the files for containers: confined services, settings that exist, and the health check of the image."""

import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "container"
COMPOSE = yaml.safe_load((FOLDER / "compose.yaml").read_text())
LINES = (FOLDER / "Containerfile").read_text().splitlines()


def test_the_image_runs_as_another_user_with_code_of_root() -> None:
    last_stage = LINES[max(index for index, line in enumerate(LINES) if line.startswith("FROM ")) :]
    words = [line.split()[0] for line in last_stage if line[:1].isupper()]
    assert words.index("USER") < words.index("CMD")
    assert "USER 10001:10001" in last_stage
    assert "VOLUME /data" in last_stage
    assert [line for line in last_stage if line.startswith("HEALTHCHECK")]
    assert [line for line in last_stage if "--chown" in line or line.startswith("ADD ")] == []


@pytest.mark.parametrize("name", [".env", ".git", "var", ".venv"])
def test_the_image_contains_no_data_or_settings(name: str) -> None:
    assert name in (ROOT / ".containerignore").read_text().splitlines()
    assert (ROOT / ".dockerignore").resolve() == ROOT / ".containerignore"


def test_every_service_is_confined_and_restarts() -> None:
    services = COMPOSE["services"]
    assert set(services) == {"server", "postgres", "redis", "caddy"}
    for service in services.values():
        assert service["restart"] == "unless-stopped"
        assert "no-new-privileges:true" in service["security_opt"]
        assert "privileged" not in service
    for name in ("server", "redis", "caddy"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
    # Only the proxy has a port, and only the proxy is trusted.
    assert [name for name, service in services.items() if "ports" in service] == ["caddy"]
    address = services["caddy"]["networks"]["inside"]["ipv4_address"]
    assert services["server"]["environment"]["TRUSTED_PROXIES"] == address
    assert COMPOSE["networks"]["inside"]["internal"] is True


def test_the_settings_exist() -> None:
    known = set(re.findall(r"^#?([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert set(COMPOSE["services"]["server"]["environment"]) <= known


def test_the_install_script_is_a_shell_script() -> None:
    subprocess.run(["/bin/sh", "-n", str(FOLDER / "install")], check=True)
    assert os.access(FOLDER / "install", os.X_OK)


@pytest.mark.parametrize("status", [200, 503, None])
def test_the_health_check(status: int | None) -> None:
    class Ready(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.path == "/readyz"
            self.send_response(status or 0)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Ready) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = str(server.server_port) if status else "1"
        command = [sys.executable, str(FOLDER / "probe.py")]
        done = subprocess.run(command, env={**os.environ, "PORT": port}, check=False, capture_output=True)
        server.shutdown()
    assert (done.returncode == 0) == (status == 200)
