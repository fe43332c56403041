"""``manage.py capacity``: what a number of listeners needs and costs, and where many machines reach a limit."""

import json
from argparse import ArgumentTypeError
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

from django.core.management.base import BaseCommand, CommandError, CommandParser
from prometheus_client.parser import text_string_to_metric_families

from project.capacity.calculator import ENGINES, FORMATS, Machine, Plan, plan
from project.capacity.figures import REMEDIES, Costs, Figure, Figures
from project.capacity.simulation import Behavior, Outcome, Phase, simulate

MAX_SIMULATED = 1_000_000
MAX_METRICS_BYTES = 10_000_000
RATE = "alphanumeric_real_time_factor"
OPTIONS = ("core_s", "gpu_listeners", "target_load")
"""Figures that have an option."""


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e9:
        raise ArgumentTypeError(f"{text} must be greater than 0")
    return value


def _count(text: str) -> int:
    value = int(text)
    if not 1 <= value <= MAX_SIMULATED:
        raise ArgumentTypeError(f"{text} must be from 1 to {MAX_SIMULATED:,}")
    return value


class Command(BaseCommand):
    """Computes cores, GPUs, memory, bandwidth and cost; simulates the load of the parts that all machines share."""

    help = (
        "Compute what listeners need: cores, GPUs, memory, machines, bandwidth and cost. With --simulate, also show "
        "which part that all machines share reaches its limit first. All figures are printed with their sources."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("listeners", nargs="*", type=_count, default=[10, 100, 1000, 10_000])
        parser.add_argument("--engine", choices=ENGINES, action="append", help="default: all")
        parser.add_argument("--format", choices=FORMATS, default="pcm", help="pcm (the page) or mp3 (HTTP)")
        parser.add_argument("--cores", type=_count, default=16, help="cores of a machine")
        parser.add_argument("--gpus", type=_count, default=1, help="GPUs of a machine, with cuda")
        parser.add_argument("--price-core-hour", type=_positive, help="price of a core, with its memory, for an hour")
        parser.add_argument("--price-gpu-hour", type=_positive, help="price of a GPU for an hour")
        parser.add_argument("--price-gigabyte", type=_positive, help="price of a gigabyte sent")
        parser.add_argument("--core-s", type=_positive, help="core seconds of synthesis for a second of audio")
        parser.add_argument("--gpu-listeners", type=_positive, help="listeners of one GPU")
        parser.add_argument("--target-load", type=_positive, help="share of the workers' time to use")
        parser.add_argument(
            "--measured",
            metavar="URL",
            help="use the rate that the running server at this address measured, such as http://127.0.0.1:8000",
        )
        parser.add_argument("--simulate", action="store_true", help="simulate the last number of listeners, tabs open")
        parser.add_argument("--text-s", type=_positive, default=20.0, help="simulation: mean seconds of a text")
        parser.add_argument("--pause-s", type=_positive, default=40.0, help="simulation: mean seconds between texts")
        parser.add_argument("--seconds", type=_count, default=300, help="simulation: seconds to simulate")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the plans, the simulation, and the figures with their sources."""
        given = {name: options[name] for name in OPTIONS if options[name] is not None}
        figures = Figures().with_values(given, "option")
        if options["measured"]:
            figures = _with_measured(figures, options["measured"])
        machine = Machine(
            options["cores"],
            options["gpus"],
            core_hour=options["price_core_hour"],
            gpu_hour=options["price_gpu_hour"],
            gigabyte=options["price_gigabyte"],
        )
        engines = options["engine"] or list(ENGINES)
        plans = [
            plan(count, each, options["format"], machine, figures) for each in engines for count in options["listeners"]
        ]
        outcomes = []
        if options["simulate"]:
            behavior = Behavior(
                options["listeners"][-1],
                options["text_s"],
                options["pause_s"],
                seconds=options["seconds"],
                seed=options["seed"],
            )
            outcomes = [simulate(behavior, each, machine, figures, Costs()) for each in engines]
        rows = figures.rows() + (Costs().rows() if outcomes else [])
        if options["json"]:
            self.stdout.write(json.dumps(_report(plans, outcomes, rows), indent=1))
            return
        self.stdout.write("\n".join(_plan_table(plans)))
        for outcome in outcomes:
            self.stdout.write("\n".join(["", *_outcome_table(outcome)]))
        self.stdout.write("\n".join(["", "Figures:", *(_figure_line(name, figure) for name, figure in rows)]))
        if machine.core_hour is None:
            self.stdout.write("No cost: give --price-core-hour, and --price-gpu-hour for cuda.")


def _with_measured(figures: Figures, url: str) -> Figures:
    """Return the figures with the rate of a running server: seconds of its workers for a second of audio.

    Raises ``CommandError`` if it cannot be read, or is not measured yet.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise CommandError(f"--measured {url[:200]} is no address. Write it as http://127.0.0.1:8000.")
    address = url.rstrip("/") + "/metrics"
    try:
        with urlopen(address, timeout=10) as answer:  # noqa: S310 - the scheme was checked
            text = answer.read(MAX_METRICS_BYTES).decode()
        families = list(text_string_to_metric_families(text))
    except (OSError, ValueError) as error:
        raise CommandError(f"{address} cannot be read: {error}. Start the server, or leave --measured out.") from error
    rates = [
        sample.value for family in families if family.name == RATE for sample in family.samples if sample.value > 0
    ]
    if not rates:
        raise CommandError(f"{address} has no rate yet: the server measures it while it synthesizes.")
    return figures.with_values({"core_s": max(rates)}, f"measured by {url}: seconds of a worker, which uses one core")


def _plan_table(plans: list[Plan]) -> list[str]:
    names = [
        "listeners",
        "engine",
        "cores",
        "GPUs",
        "machines",
        "processes",
        "GB",
        "Mbit/s",
        "cost/h",
        "cost/listener h",
    ]
    lines = [names]
    for each in plans:
        cores = each.synthesis_cores + each.serving_cores
        lines.append(
            [
                f"{each.listeners:,}",
                each.engine,
                f"{cores:,.1f}",
                f"{each.gpus:,}",
                f"{each.machines:,}",
                f"{each.processes:,}",
                f"{each.memory_mb / 1000:,.1f}",
                f"{each.mbit_s:,.1f}",
                "-" if each.cost_hour is None else f"{each.cost_hour:,.2f}",
                "-" if each.cost_listener_hour is None else f"{each.cost_listener_hour:.5f}",
            ]
        )
    return _aligned(lines)


def _outcome_table(outcome: Outcome) -> list[str]:
    planned = outcome.plan
    lines = [["part", "unit", "mean", *(f"peak, {phase}" for phase in Phase), "limit of one", "use"]]
    for load in outcome.loads:
        amounts = [load.mean, *map(load.peak, Phase), load.limit]
        lines.append([load.part, load.unit, *(f"{amount:,.4g}" for amount in amounts), f"{load.utilization:.0%}"])
    recovered = "; ".join(
        f"{phase}: {seconds:.0f} s" if seconds else f"{phase}: not within the simulated time"
        for phase, seconds in outcome.reconnected_s.items()
    )
    beyond = [load for load in outcome.loads if load.utilization > 1]
    return [
        f"Simulation, {planned.engine}: {planned.machines:,} machines, {planned.processes:,} processes, "
        f"at most {outcome.peak_speaking:,} listeners at the same time",
        *_aligned(lines),
        f"99 % of the interrupted tabs are connected again after: {recovered}",
        *(f"Beyond its limit: {load.part}, {load.unit}: {REMEDIES[load.part, load.unit]}" for load in beyond),
    ]


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]


def _figure_line(name: str, figure: Figure) -> str:
    return f"  {name} = {figure.value:,.6g} {figure.unit}: {figure.meaning} [{figure.source}]"


def _report(plans: list[Plan], outcomes: list[Outcome], rows: list[tuple[str, Figure]]) -> dict[str, Any]:
    return {
        "plans": [asdict(each) for each in plans],
        "simulations": [
            {
                "plan": asdict(each.plan),
                "loads": [
                    {
                        "part": load.part,
                        "unit": load.unit,
                        "limit": load.limit,
                        "mean": load.mean,
                        "peaks": {phase: load.peak(phase) for phase in Phase},
                        "remedy": REMEDIES[load.part, load.unit],
                    }
                    for load in each.loads
                ],
                "reconnected_s": each.reconnected_s,
                "peak_speaking": each.peak_speaking,
            }
            for each in outcomes
        ],
        "figures": {name: asdict(figure) for name, figure in rows},
    }
