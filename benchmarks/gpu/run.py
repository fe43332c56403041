"""``python -m benchmarks.gpu.run``: measure one GPU, or test this program in CPU mode.

Measures the engine alone, then servers with listeners in real time. Each result is written immediately to
``results.json`` and ``results.txt`` in the ``--out`` folder.
"""

import argparse
import http.client
import json
import os
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from benchmarks.gpu.record import Record, SkipError
from benchmarks.summary import p95

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
STAGES = (64, 250, 500, 1000, 1500, 2000)
LOAD_PROCESSES = 5
LEAD_S = 5.0
"""Seconds before the first request, to start the processes and connect."""
ENOUGH_UNDERRUNS = 0.02
"""Fraction of listeners; above it, a larger stage gives no further information."""
READY_WITHIN_S = 90.0
LONE_WORDS = 15
STAGGER_S = 0.3
GRAPHS_S = 12.0


@dataclass(slots=True)
class Serving:
    """One server process."""

    process: subprocess.Popen[bytes]
    port: int
    counters: Path
    log: IO[bytes]
    began: float
    ready_s: float | None = None


@dataclass(slots=True)
class Power:
    """Readings of nvidia-smi, several per second."""

    readings: list[tuple[float, float, float, float]] = field(default_factory=list)
    """Time, watts, utilization in percent, megabytes."""

    def between(self, begin: float, end: float) -> dict[str, float]:
        """Return the averages over a period; empty without readings."""
        chosen = [reading for reading in self.readings if begin <= reading[0] <= end]
        if not chosen:
            return {}
        names = ("watts", "gpu_percent", "gpu_mb")
        return {name: round(statistics.mean(r[1 + place] for r in chosen), 1) for place, name in enumerate(names)}


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
    parser.add_argument("--voice", type=Path, help="the voice as benchmarks.gpu.pack wrote it")
    parser.add_argument("--data", type=Path, help="a DATA_DIR in which the voice joe is installed, instead of --voice")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--quick", action="store_true", help="the engine alone, with few repetitions")
    parser.add_argument("--only", choices=("engine", "server"))
    parser.add_argument("--limit", type=float, default=460.0, help="seconds after which no further step begins")
    parser.add_argument("--processes", type=int, default=8, help="server processes")
    parser.add_argument("--load-processes", type=int, default=LOAD_PROCESSES)
    parser.add_argument("--precision", choices=("fp32", "tf32", "bf16"), default="fp32", help="of the servers")
    parser.add_argument("--batch-wait-ms", type=float, default=50.0)
    parser.add_argument("--stages", type=lambda text: tuple(map(int, text.split(","))), default=STAGES)
    parser.add_argument("--port", type=int, default=8180, help="of the first server")
    parser.add_argument("--lone", type=int, default=30, help="texts of a lone listener")
    parser.add_argument("--arrivals", type=float, default=50.0, help="new listeners in a second")
    parser.add_argument("--mps", action="store_true", help="let the servers share the card through NVIDIA's MPS")
    parser.add_argument("--sentences", type=int, default=8, help="of ten words, in each text: some 3.4 s each")
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
    EngineTrial(record, data / "voices" / "joe", options.device, sizes).run()
    if options.device == "cuda":
        import gc

        import torch

        gc.collect()
        torch.cuda.empty_cache()


def _servers(options: argparse.Namespace, record: Record, data: Path, temporary: Path) -> None:
    serving: list[Serving] = []
    sharing = Sharing(options, record, temporary)
    with _power(temporary) as power:
        idle_from = time.time()
        time.sleep(3)
        record.add("idle", **power.between(idle_from, time.time()))
        try:
            with record.step("start"):
                try:
                    _start_all(options, record, data, temporary, serving)
                except RuntimeError as error:
                    if not sharing.running:
                        raise
                    record.add("mps", used=False, why=str(error)[-300:])
                    _stop_all(serving)
                    sharing.stop()
                    _start_all(options, record, data, temporary, serving)
            if not serving or serving[0].ready_s is None:
                raise SkipError("no server is ready")
            idle_from = time.time()
            time.sleep(3)
            record.add("idle with servers", **power.between(idle_from, time.time()), **_processes(serving))
            with record.step("one listener"):
                _lone(options, record, serving[0])
            for number, listeners in enumerate(options.stages):
                name = f"{listeners} listeners"
                needs_s = LEAD_S + listeners / 500 + listeners / options.arrivals + options.sentences * 3.6 + 5
                if not record.enough(name, needs_s):
                    continue
                more = False
                with record.step(name):
                    more = _stage(options, record, serving, power, listeners, number)
                if not more:
                    break
        finally:
            _stop_all(serving)
            sharing.stop()
            for server in serving:
                server.log.seek(0)
                words = server.log.read().decode(errors="replace")
                if re.search("error|traceback|warning", words, re.IGNORECASE):
                    record.say(f"server {server.port}: ... {words[-1500:]}")


def _start_all(
    options: argparse.Namespace, record: Record, data: Path, temporary: Path, serving: list[Serving]
) -> None:
    # The first start collects the static files, which later starts do not.
    for name in ("first start", "start"):
        server = _start(options, data, temporary, options.port)
        serving[:] = [server]
        _wait_ready(serving)
        record.add(name, ready_s=server.ready_s, **_processes(serving))
        if name == "first start":
            _stop_all(serving)
    began = time.perf_counter()
    for place in range(1, options.processes):
        # Every server writes to the same database when it starts.
        time.sleep(STAGGER_S)
        serving.append(_start(options, data, temporary, options.port + place))
    try:
        _wait_ready(serving)
    except RuntimeError as error:
        record.add("failed", step="start of one server", error=str(error)[-600:])
    gone = [server for server in serving if server.ready_s is None]
    serving[:] = [server for server in serving if server.ready_s is not None]
    _stop_all(gone)
    record.add("all started", processes=len(serving), seconds=time.perf_counter() - began)
    # The remaining graphs are captured in the background.
    time.sleep(GRAPHS_S if options.device == "cuda" else 1)


def _start(options: argparse.Namespace, data: Path, temporary: Path, port: int) -> Serving:
    counters = temporary / f"counters-{port}.json"
    settings = {
        "DATA_DIR": str(data),
        "HOST": HOST,
        "PORT": str(port),
        "ALLOWED_HOSTS": HOST,
        "LOG_LEVEL": "WARNING",
        "PYTHONMALLOC": "malloc",
        "OMP_NUM_THREADS": "1",
        "SYNTHESIS_ENGINE": "cuda",
        "SYNTHESIS_MAX_CONCURRENT": "10000",
        "SYNTHESIS_GPU_PRECISION": options.precision,
        "SYNTHESIS_BATCH_WAIT_MS": str(options.batch_wait_ms),
        "MEMORY_LIMIT_MB": "100000",
        "KIT_DEVICE": options.device,
    }
    log = (temporary / f"server-{port}.log").open("w+b")
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "benchmarks.gpu.serve", str(counters)],
        cwd=ROOT,
        env=os.environ | settings,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
    )
    return Serving(process, port, counters, log, time.perf_counter())


def _wait_ready(serving: Sequence[Serving]) -> None:
    """Wait until all servers are ready. Raises ``RuntimeError`` if some are not ready in time."""
    until = time.perf_counter() + READY_WITHIN_S
    failed: list[Serving] = []
    while waiting := [server for server in serving if server.ready_s is None and server not in failed]:
        for server in waiting:
            if server.process.poll() is not None or time.perf_counter() > until:
                failed.append(server)
            elif _ready(server.port):
                server.ready_s = time.perf_counter() - server.began
        time.sleep(0.02)
    if failed:
        failed[0].log.seek(0)
        words = failed[0].log.read().decode(errors="replace")[-2000:]
        raise RuntimeError(f"{len(failed)} servers did not become ready: {words}")


def _ready(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _stop_all(serving: Sequence[Serving]) -> None:
    for server in serving:
        if server.process.poll() is None:
            server.process.send_signal(signal.SIGTERM)
    for server in serving:
        try:
            server.process.wait(10)
        except subprocess.TimeoutExpired:
            server.process.kill()
            server.process.wait()


def _lone(options: argparse.Namespace, record: Record, server: Serving) -> None:
    """Measure the first audio of one listener that requests one text after the other."""
    import asyncio

    from benchmarks.clients.listener import listening
    from benchmarks.texts import Texts

    async def firsts() -> list[float]:
        texts, found = Texts(seed=77), []
        async with listening(f"ws://{HOST}:{server.port}/ws/terminal/") as listener:
            for _ in range(options.lone + 2):
                heard = await listener.hear(texts.text((LONE_WORDS,)))
                found.append(heard.first_s * 1000)
                await asyncio.sleep(0.1)
        return found[2:]

    found = asyncio.run(firsts())
    figures = {"first_p50_ms": statistics.median(found), "first_p95_ms": p95(found)}
    record.add("one listener", texts=len(found), words=LONE_WORDS, **figures)


def _busy_s() -> float:
    """Return the processor seconds in use, summed over all processors."""
    user, nice, system, _idle, _waiting, irq, soft, *_ = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    return sum(map(int, (user, nice, system, irq, soft))) / os.sysconf("SC_CLK_TCK")


def _stage(
    options: argparse.Namespace, record: Record, serving: Sequence[Serving], power: Power, listeners: int, number: int
) -> bool:
    """Run that many listeners. Returns whether a larger stage may run."""
    counted, used, busy = _counters(serving), _processor_s(serving), _busy_s()
    results, began, ended = _listen(options, serving, listeners, number)
    heard = [result for result in results if result["first_s"] is not None]
    firsts = [result["first_s"] * 1000 for result in heard] or [float("nan")]
    interrupted = sum(bool(result["underruns"]) for result in results)
    audio_s = sum(result["audio_s"] for result in results)
    drawn = power.between(began, ended)
    row = {
        "listeners": listeners,
        "heard": len(heard),
        "finished": sum(result["finished"] for result in results),
        "first_p50_ms": statistics.median(firsts),
        "first_p95_ms": p95(firsts),
        "first_max_ms": max(firsts),
        "underruns": sum(result["underruns"] for result in results),
        "interrupted": interrupted,
        "silent_s": sum(result["silent_s"] for result in results),
        "audio_s": audio_s,
        "wall_s": ended - began,
        "server_cores": (_processor_s(serving) - used) / (ended - began),
        "all_cores": (_busy_s() - busy) / (ended - began),
        **drawn,
    }
    if "watts" in drawn and audio_s:
        row["joules_per_audio_s"] = drawn["watts"] * (ended - began) / audio_s
    record.add("listeners", **row)
    errors = sorted({result["error"] for result in results if result["error"]})
    if errors:
        record.say(f"errors: {sum(bool(result['error']) for result in results)}: {errors[:4]}")
    time.sleep(1.2)
    record.add("counters", listeners=listeners, **_difference(counted, _counters(serving)))
    return interrupted <= max(1, ENOUGH_UNDERRUNS * listeners) and len(heard) >= 0.98 * listeners


def _listen(
    options: argparse.Namespace, serving: Sequence[Serving], listeners: int, number: int
) -> tuple[list[dict[str, Any]], float, float]:
    processes = min(options.load_processes, listeners)
    lead_s = LEAD_S + listeners / 500
    start, ramp = time.time() + lead_s, max(1.0, listeners / options.arrivals)
    until = start + ramp + options.sentences * 4.2 + 10
    urls = [f"ws://{HOST}:{server.port}/ws/terminal/" for server in serving]
    shared: dict[str, Any] = {
        "of": listeners,
        "processes": processes,
        "sentences": options.sentences,
        "start": start,
        "ramp": ramp,
        "until": until,
        "seed": number + 1,
    }
    running = []
    for place in range(processes):
        own = {"listeners": len(range(place, listeners, processes)), "number": place}
        words = [word for name, value in (shared | own).items() for word in (f"--{name}", str(value))]
        command = [sys.executable, "-m", "benchmarks.gpu.load", *urls, *words]
        running.append(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE))  # noqa: S603 - our own command
    results: list[dict[str, Any]] = []
    for process in running:
        heard, _ = process.communicate(timeout=until - time.time() + 30)
        results += json.loads(heard)
    return results, start, time.time()


def _counters(serving: Sequence[Serving]) -> dict[str, float]:
    """Return the sums of the monotonic counters over all servers."""
    sums: dict[str, float] = {}
    for server in serving:
        try:
            counted = json.loads(server.counters.read_text())
        except (OSError, ValueError):
            continue
        pool = counted["pool"]
        values = {"jobs": pool["jobs"], "waited_s": pool["waited_s"]}
        for engine in counted["engines"]:
            for program, used in engine.get("programs", {}).items():
                for name in ("batches", "items", "device_s"):
                    values[f"{program}_{name}"] = used[name]
            values["rebuilt"] = engine["rebuilt"]
        for name, value in values.items():
            sums[name] = sums.get(name, 0) + value
    return sums


def _difference(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    grown = {name: round(value - before.get(name, 0), 3) for name, value in after.items()}
    for program in ("encoder", "flow", "decoder"):
        if grown.get(f"{program}_batches"):
            grown[f"{program}_mean_batch"] = grown[f"{program}_items"] / grown[f"{program}_batches"]
    if grown.get("jobs"):
        grown["wait_ms_per_job"] = grown.get("waited_s", 0) / grown["jobs"] * 1000
    return grown


def _processes(serving: Sequence[Serving]) -> dict[str, float]:
    pages = sum(int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1]) for server in serving)
    return {"servers": len(serving), "resident_mb": round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20)}


def _processor_s(serving: Sequence[Serving]) -> float:
    ticks = 0
    for server in serving:
        fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


class Sharing:
    """NVIDIA's Multi-Process Service, which lets processes compute concurrently on one GPU."""

    def __init__(self, options: argparse.Namespace, record: Record, temporary: Path) -> None:
        self._program = shutil.which("nvidia-cuda-mps-control", path=f"{os.environ['PATH']}:/usr/local/nvidia/bin")
        self.running = False
        if options.mps and self._program is not None:
            for name in ("CUDA_MPS_PIPE_DIRECTORY", "CUDA_MPS_LOG_DIRECTORY"):
                folder = temporary / name.lower()
                folder.mkdir()
                os.environ[name] = str(folder)
            said = self._say("-d")
            self.running = True
            record.add("mps", used=True, said=said)
        else:
            record.add("mps", used=False, program=self._program)

    def stop(self) -> None:
        """Stop the service; processes that start later use time slicing."""
        if self.running:
            self.running = False
            self._say(words="quit\n")
            for name in ("CUDA_MPS_PIPE_DIRECTORY", "CUDA_MPS_LOG_DIRECTORY"):
                del os.environ[name]

    def _say(self, *options: str, words: str = "") -> str:
        assert self._program is not None
        try:
            done = subprocess.run(  # noqa: S603 - the driver's own program
                [self._program, *options], input=words, capture_output=True, text=True, timeout=20
            )
        except subprocess.TimeoutExpired:
            return "no answer"
        return (done.stdout + done.stderr).strip()[:200]


@contextmanager
def _power(temporary: Path) -> Iterator[Power]:
    """Record the GPU's power inside the context; record nothing without nvidia-smi."""
    power = Power()
    program = shutil.which("nvidia-smi")
    if program is None:
        yield power
        return
    file = temporary / "power.csv"
    query = [program, "--query-gpu=power.draw,utilization.gpu,memory.used", "--format=csv,noheader,nounits", "-lms"]
    with file.open("w") as out:
        process = subprocess.Popen([*query, "250"], stdout=out, stderr=subprocess.DEVNULL)  # noqa: S603 - fixed
        reader = _PowerReader(file, power)
        reader.start()
        try:
            yield power
        finally:
            process.terminate()
            process.wait()
            reader.stop()


class _PowerReader:
    """Follows the file that nvidia-smi writes."""

    def __init__(self, file: Path, power: Power) -> None:
        import threading

        self._file = file
        self._power = power
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _follow(self) -> None:
        with self._file.open() as lines:
            while not self._stopped.wait(0.1):
                for line in lines:
                    try:
                        watts, percent, megabytes = map(float, line.split(","))
                    except ValueError:
                        continue
                    self._power.readings.append((time.time(), watts, percent, megabytes))


if __name__ == "__main__":
    sys.exit(main())
