"""Tests for capacity planning: its arithmetic, the simulation and the command."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from project.capacity.calculator import Machine, plan
from project.capacity.figures import REMEDIES, Costs, Figures
from project.capacity.simulation import Behavior, Phase, simulate

FIGURES = Figures().with_values(
    {
        "core_s": 0.09,
        "openvino_ratio": 0.5,
        "loop_s": 0.006,
        "gpu_listeners": 1000.0,
        "gpu_core_s": 0.006,
        "process_mb": 250.0,
        "listener_mb": 1.0,
        "pcm_kbit_s": 400.0,
        "mp3_kbit_s": 80.0,
    },
    "a test",
)
# 100 seconds of audio a second: 100 * 0.09 / 0.9 = 10 cores of synthesis, 100 * 0.006 / 0.6 = 1 core of event loops.
PRICED = Machine(cores=8, spare=1, core_hour=0.05, gpu_hour=2.0, gigabyte=0.1)


def test_cores_machines_memory_and_bandwidth_follow_from_the_figures() -> None:
    made = plan(100, "onnx", "pcm", PRICED, FIGURES)
    assert made.synthesis_cores == pytest.approx(10)
    assert made.serving_cores == pytest.approx(1)
    # 11 cores are two machines of 8, and a spare one; two processes of four cores on each.
    assert (made.machines, made.processes, made.gpus) == (3, 6, 0)
    assert made.memory_mb == 6 * 250 + 100
    assert made.mbit_s == pytest.approx(40)
    # 40 Mbit/s are 18 GB an hour.
    assert made.cost_hour == pytest.approx(3 * 8 * 0.05 + 18 * 0.1)
    assert made.cost_listener_hour == pytest.approx((1.2 + 1.8) / 100)


def test_one_machine_has_no_spare_one_and_openvino_needs_fewer_cores() -> None:
    made = plan(100, "openvino", "mp3", replace(PRICED, cores=16), FIGURES)
    assert made.synthesis_cores == pytest.approx(5)
    assert made.machines == 1
    assert made.mbit_s == pytest.approx(8)


@pytest.mark.parametrize(
    ("listeners", "gpus", "machines"), [(1000, 1, 3), (1001, 2, 3), (4000, 4, 6)], ids=["one", "two", "by cores"]
)
def test_gpu_machines_are_counted_by_gpus_or_by_the_cores_of_their_servers(
    listeners: int, gpus: int, machines: int
) -> None:
    # 1,000 listeners need 10 cores of the servers, and a machine has 8.
    made = plan(listeners, "cuda", "pcm", replace(PRICED, cores=10 if listeners == 1001 else 8), FIGURES)
    assert made.gpus == gpus
    assert made.machines == machines


def test_without_the_price_of_a_part_no_cost_is_invented() -> None:
    assert plan(100, "onnx", "pcm", Machine(), FIGURES).cost_hour is None
    assert plan(100, "cuda", "pcm", Machine(core_hour=1.0), FIGURES).cost_listener_hour is None


@pytest.mark.parametrize(
    ("listeners", "engine", "audio_format"), [(0, "onnx", "pcm"), (1, "steam", "pcm"), (1, "onnx", "smoke")]
)
def test_impossible_plans_are_errors(listeners: int, engine: str, audio_format: str) -> None:
    with pytest.raises(ValueError, match=str(listeners)):
        plan(listeners, engine, audio_format, Machine(), FIGURES)


def test_the_simulation_agrees_with_the_arithmetic_of_its_means() -> None:
    behavior = Behavior(listeners=6000, text_s=10, pause_s=20, stay_s=600, themes_hour=0, seconds=120)
    outcome = simulate(behavior, "onnx", Machine(), FIGURES, Costs())
    loads = {(load.part, load.unit): load for load in outcome.loads}
    costs = Costs()
    # A text and a pause take 30 s, and a tab stays for 600 s.
    expected = (
        6000 / 30 * costs.redis_utterance.value
        + 6000 / 600 * costs.redis_handshake.value
        + 6000 * costs.redis_tab.value
    )
    assert loads["Redis", "commands/s"].mean == pytest.approx(expected, rel=0.1)
    assert loads["load balancer", "Gbit/s"].mean == pytest.approx(2000 * 400 / 1e6, rel=0.1)
    assert loads["PostgreSQL", "connections"].mean == outcome.plan.processes * costs.connections_process.value
    assert set(loads) == set(REMEDIES)
    uses = [load.utilization for load in outcome.loads]
    assert uses == sorted(uses, reverse=True)


def test_tabs_reconnect_after_failures_and_more_slowly_at_a_lower_limit() -> None:
    behavior = Behavior(listeners=3000, seconds=150)
    fast = simulate(behavior, "cuda", Machine(), FIGURES, Costs())
    slow_costs = replace(Costs(), balancer_handshakes=replace(Costs().balancer_handshakes, value=200.0))
    slow = simulate(behavior, "cuda", Machine(), FIGURES, slow_costs)
    assert fast.reconnected_s[Phase.BALANCER] <= 3
    # 3,000 tabs at 200 a second take 15 s at least, and their delays grow meanwhile.
    assert 15 <= slow.reconnected_s[Phase.BALANCER] <= 50
    assert simulate(behavior, "cuda", Machine(), FIGURES, slow_costs).reconnected_s == slow.reconnected_s


def _run(*arguments: str) -> str:
    out = StringIO()
    call_command("capacity", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_prints_every_figure_with_its_source() -> None:
    text = _run("20000", "--simulate", "--seconds", "30", "--engine", "onnx", "--core-s", "0.05")
    assert "No cost: give --price-core-hour" in text
    assert "core_s = 0.05 core seconds" in text
    assert "[option]" in text
    for name, _ in (*Figures().rows(), *Costs().rows()):
        assert f"  {name} = " in text
    assert "Beyond its limit: PostgreSQL, connections: lower DATABASE_CONNECTIONS" in text


def test_the_command_prints_json_for_programs() -> None:
    report = json.loads(
        _run("10", "--json", "--simulate", "--seconds", "9", "--engine", "cuda", "--price-core-hour", "1")
    )
    assert report["plans"][0]["gpus"] == 1
    assert report["plans"][0]["cost_hour"] is None
    assert report["simulations"][0]["loads"][0]["remedy"]
    assert all(figure["source"] for figure in report["figures"].values())


@pytest.fixture
def metrics(request: pytest.FixtureRequest) -> Iterator[str]:
    class Metrics(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(request.param.encode())

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Metrics)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("metrics", ["alphanumeric_real_time_factor 0.125\n"], indirect=True)
def test_the_rate_of_a_running_server_replaces_the_figure(metrics: str) -> None:
    report = json.loads(_run("10", "--json", "--measured", metrics))
    assert report["figures"]["core_s"]["value"] == 0.125
    assert metrics in report["figures"]["core_s"]["source"]


@pytest.mark.parametrize("metrics", ["alphanumeric_real_time_factor 0\n", "{"], indirect=True)
def test_a_server_without_a_rate_is_an_error(metrics: str) -> None:
    with pytest.raises(CommandError, match=r"no rate yet|cannot be read"):
        _run("10", "--measured", metrics)


@pytest.mark.parametrize(
    "arguments",
    [("0",), ("2000000",), ("10", "--core-s", "0"), ("10", "--cores", "none"), ("10", "--measured", "file:///etc")],
)
def test_invalid_options_are_errors(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        _run(*arguments)
