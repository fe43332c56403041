"""``python -m benchmarks.gpu.run``: measure one GPU, or test this program in CPU mode.

Measures the engine alone, then servers with listeners in real time. Each result is written immediately to
``results.json`` and ``results.txt`` in the ``--out`` folder.
"""

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.gpu.mps import MultiProcessService
from benchmarks.gpu.power import Power, record_power
from benchmarks.gpu.record import Record, SkipError
from benchmarks.gpu.redis_server import redis_server
from benchmarks.gpu.server_processes import Serving, memory_of, start_all, start_shared, stop_all
from benchmarks.gpu.stages import LEAD_S, measure_lone_listener, run_stage

STAGES = (64, 250, 500, 1000, 1500, 2000)
LOAD_PROCESSES = 5
IDLE_S = 3.0
"""Seconds in which the power of an idle GPU is measured."""


def main() -> int:
    """Run the benchmark. Returns 1 if a step failed; the results contain the error."""
    options = _options()
    record = Record(options.out, options.limit)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    with tempfile.TemporaryDirectory(prefix="kit-") as temporary:
        data = options.data or Path(temporary) / "data"
        os.environ["DATA_DIR"] = str(data)
        with record.step("machine"):
            record.add("machine", **_machine(options.device))
        if options.only != "server":
            with record.step("imports"):
                _imports(options, record)
        with record.step("install"):
            _install(options, data)
        if options.only != "server":
            with record.step("engine"):
                _engine(options, record, data)
        if options.only != "engine" and not options.quick:
            with record.step("server"):
                _servers(options, record, data, Path(temporary))
    failed = '"failed"' in (options.out / "results.json").read_text()
    record.say("some steps failed" if failed else "done")
    return int(failed)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu.run", description=__doc__)
    parser.add_argument("--voice", type=Path, help="the voice as packed by benchmarks.gpu.pack")
    parser.add_argument("--data", type=Path, help="a DATA_DIR in which the voice joe is installed, instead of --voice")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--quick", action="store_true", help="measure only the engine, with few repetitions")
    parser.add_argument("--only", choices=("engine", "server"))
    parser.add_argument("--limit", type=float, default=460.0, help="seconds after which no further step starts")
    parser.add_argument("--processes", type=int, default=8, help="server processes")
    parser.add_argument(
        "--shared", help="SERVER_PROCESSES of one server behind one port, instead of --processes independent ones"
    )
    parser.add_argument("--load-processes", type=int, default=LOAD_PROCESSES)
    parser.add_argument(
        "--precision", choices=("fp32", "tf32", "bf16"), default="fp32", help="precision of the servers"
    )
    parser.add_argument("--batch-wait-ms", type=float, default=50.0)
    parser.add_argument("--stages", type=lambda text: tuple(map(int, text.split(","))), default=STAGES)
    parser.add_argument("--port", type=int, default=8180, help="port of the first server")
    parser.add_argument("--lone", type=int, default=30, help="texts of the single listener")
    parser.add_argument("--arrivals", type=float, default=50.0, help="new listeners per second")
    parser.add_argument("--mps", action="store_true", help="share the GPU between the servers with NVIDIA's MPS")
    parser.add_argument("--spoken", type=int, help="sentences for the recognizer: see benchmarks.gpu.speech")
    parser.add_argument("--sentences", type=int, default=8, help="sentences of ten words (about 3.4 s) per text")
    options = parser.parse_args()
    options.out = options.out.resolve()
    return options


def _machine(device: str) -> dict[str, Any]:
    import torch

    facts: dict[str, Any] = {
        "processors": len(os.sched_getaffinity(0)),
        "processor": platform.processor() or platform.machine(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "cudnn": torch.backends.cudnn.version(),  # type: ignore[no-untyped-call]
    }
    if device == "cuda":
        facts["gpu"] = torch.cuda.get_device_name(0)
        facts["gpu_mb"] = torch.cuda.get_device_properties(0).total_memory // 2**20
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            facts["processor"] = line.partition(":")[2].strip()
            break
    return facts


def _imports(options: argparse.Namespace, record: Record) -> None:
    """Measure the parts of a start, each in a separate process; the second of two runs, with the files cached."""
    steps = {"python": "pass", "torch": "import torch", "onnxruntime": "import onnxruntime"}
    if options.device == "cuda":
        steps["device"] = "import torch; torch.zeros(1, device='cuda')"
    for name, code in steps.items():
        for _ in range(2):
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - our own code
            taken = time.perf_counter() - began
        record.add("import", what=name, seconds=taken)


def _install(options: argparse.Namespace, data: Path) -> None:
    """Copy the voice and the database into ``data``, with limits above the number of listeners."""
    folder = data / "voices" / "joe"
    if options.voice is not None and not folder.exists():
        from benchmarks.gpu.voice import restore

        restore(options.voice.resolve(), folder)
    import django

    django.setup()
    from django.core.management import call_command

    from synthesis.models import LimitPolicyRow, Voice
    from synthesis.voice_files.manifest import VoiceManifest

    call_command("migrate", verbosity=0, interactive=False)
    manifest = VoiceManifest.read(folder)
    facts = {"name": "Joe", "language": manifest.language, "sample_rate": manifest.sample_rate, "default": True}
    Voice.objects.update_or_create(id="joe", defaults=facts)
    for limits in LimitPolicyRow.objects.all():
        limits.requests_per_minute, limits.characters_per_minute = 100_000, 100_000_000
        limits.max_concurrent_utterances, limits.max_connections = 10_000, 100_000
        limits.save()
    from django.db import connections

    connections.close_all()


def _engine(options: argparse.Namespace, record: Record, data: Path) -> None:
    from benchmarks.gpu.engine import FULL, QUICK, TINY, EngineTrial

    sizes = TINY if options.device == "cpu" else QUICK if options.quick else FULL
    if options.spoken is not None:
        sizes = replace(sizes, spoken=options.spoken)
    EngineTrial(record, data / "voices" / "joe", options.device, sizes).run()
    if options.device == "cuda":
        import gc

        import torch

        gc.collect()
        torch.cuda.empty_cache()


def _servers(options: argparse.Namespace, record: Record, data: Path, temporary: Path) -> None:
    serving: list[Serving] = []
    mps = MultiProcessService(options, record, temporary)
    with record_power(temporary) as power:
        _record_idle(record, "idle", power)
        redis = ExitStack()
        try:
            with record.step("start"):
                url = redis.enter_context(redis_server(temporary)) if options.shared else ""
                _start_servers(options, record, data, temporary, serving, mps, url)
            if not serving or serving[0].ready_s is None:
                raise SkipError("no server is ready")
            _record_idle(record, "idle with servers", power, **memory_of(serving))
            with record.step("one listener"):
                measure_lone_listener(options, record, serving[0])
            _run_stages(options, record, serving, power)
        finally:
            stop_all(serving)
            redis.close()
            mps.stop()
            _report_log_errors(record, serving)


def _record_idle(record: Record, section: str, power: Power, **figures: float) -> None:
    began = time.time()
    time.sleep(IDLE_S)
    record.add(section, **power.between(began, time.time()), **figures)


def _start_servers(
    options: argparse.Namespace,
    record: Record,
    data: Path,
    temporary: Path,
    serving: list[Serving],
    mps: MultiProcessService,
    redis_url: str,
) -> None:
    """Start the servers; if that fails with MPS, start them without it."""

    def start() -> None:
        if options.shared:
            start_shared(options, record, data, temporary, serving, redis_url)
        else:
            start_all(options, record, data, temporary, serving)

    try:
        start()
    except RuntimeError as error:
        if not mps.running:
            raise
        record.add("mps", used=False, why=str(error)[-300:])
        stop_all(serving)
        mps.stop()
        start()


def _run_stages(options: argparse.Namespace, record: Record, serving: list[Serving], power: Power) -> None:
    for number, listeners in enumerate(options.stages):
        name = f"{listeners} listeners"
        needs_s = LEAD_S + listeners / 500 + listeners / options.arrivals + options.sentences * 3.6 + 5
        if not record.enough(name, needs_s):
            continue
        more = False
        with record.step(name):
            more = run_stage(options, record, serving, power, listeners, number)
        if not more:
            break


def _report_log_errors(record: Record, serving: list[Serving]) -> None:
    for server in serving:
        server.log.seek(0)
        log = server.log.read().decode(errors="replace")
        if re.search("error|traceback|warning", log, re.IGNORECASE):
            record.say(f"server {server.port}: ... {log[-1500:]}")


if __name__ == "__main__":
    sys.exit(main())
