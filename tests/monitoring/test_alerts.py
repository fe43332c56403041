"""The alert rules and the dashboard: valid, complete, and each alert raised by synthetic data."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from core import metrics
from tests.programs import find_program

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy" / "prometheus" / "alerts.yml"
TESTS = RULES.with_name("alerts.test.yml")
DASHBOARD = ROOT / "deploy" / "grafana" / "alphanumeric.json"
OBJECTIVES = {"Availability": "0.999", "FirstAudio": "0.15", "ErrorRate": "0.001", "HttpErrors": "0.001"}
NOT_SHOWN = {
    *("characters", "jobs", "job_wait_seconds", "batches", "queue_wait_seconds", "longest_wait_seconds"),
    *("workers", "voices_loaded", "redis_up", "ready_processes"),
    *("gpu_latents_ratio", "gpu_rebuilds", "gpu_lost_voices"),
    # The admin shows them.
    *("ratings", "reading_reports"),
}
NAME = re.compile(r"alphanumeric_\w+")


def promtool(*words: str) -> str:
    program = find_program("promtool", "prometheus")
    result = subprocess.run([program, *words], cwd=RULES.parent, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def exposed() -> set[str]:
    """Return the names of all series that the server exposes."""
    suffixes = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
    return {f"{family.name}{suffix}" for family in metrics.REGISTRY.collect() for suffix in suffixes[family.type]}


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def test_promtool_accepts_the_rules() -> None:
    promtool("check", "rules", RULES.name)


def test_synthetic_data_raises_each_alert() -> None:
    promtool("test", "rules", TESTS.name)


def test_each_alert_is_tested_raised_and_quiet() -> None:
    cases = [one for test in yaml.safe_load(TESTS.read_text())["tests"] for one in test["alert_rule_test"]]
    tested = {(one["alertname"], bool(one["exp_alerts"])) for one in cases}
    alerts = [rule["alert"] for rule in rules() if "alert" in rule]
    assert tested == {(alert, raised) for alert in alerts for raised in (True, False)}


@pytest.mark.parametrize(("alert", "threshold"), OBJECTIVES.items())
def test_each_measured_objective_has_an_alert(alert: str, threshold: str) -> None:
    (rule,) = [rule for rule in rules() if rule.get("alert") == f"Alphanumeric{alert}"]
    assert rule["expr"].endswith((f"< {threshold}", f"> {threshold}"))


@pytest.mark.parametrize("file", [RULES, TESTS, DASHBOARD], ids=lambda file: file.name)
def test_only_existing_metrics_are_used(file: Path) -> None:
    assert set(NAME.findall(file.read_text())) <= exposed()


def test_the_rules_use_the_buckets_that_exist() -> None:
    metrics.FIRST_AUDIO.labels("socket", "false")
    known = {
        (sample.name, sample.labels["le"])
        for family in metrics.REGISTRY.collect()
        for sample in family.samples
        if "le" in sample.labels
    }
    used = set(re.findall(r'(alphanumeric_\w+_bucket)\{[^}]*le="([^"]+)"', TESTS.read_text()))
    assert used <= known


def test_the_dashboard_shows_the_metrics() -> None:
    dashboard = json.loads(DASHBOARD.read_text())
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    shown = " ".join(target["expr"] for panel in dashboard["panels"] for target in panel["targets"])
    missing = {family.name for family in metrics.REGISTRY.collect() if family.name not in shown}
    assert {name.removeprefix("alphanumeric_") for name in missing} == NOT_SHOWN


def test_the_documentation_lists_every_metric() -> None:
    text = (ROOT / "docs" / "observability.md").read_text()
    for family in metrics.REGISTRY.collect():
        name = family.name.removeprefix("alphanumeric_") + ("_total" if family.type == "counter" else "")
        assert f"`{name}`" in text, name
