"""Computes what a number of simultaneous listeners needs: cores, GPUs, memory, machines, bandwidth and cost. Pure."""

from dataclasses import dataclass
from math import ceil

from project.capacity.figures import CORES_PER_PROCESS, Figures

ENGINES = ("onnx", "openvino", "cuda")
FORMATS = ("pcm", "mp3")


@dataclass(frozen=True, slots=True)
class Machine:
    """One of the machines to buy or rent, and its prices; without a price, no cost is computed."""

    cores: int = 16
    gpus: int = 1
    """GPUs of a machine with GPUs; machines of other engines have none."""
    spare: int = 1
    """Machines that may fail while all listeners continue, if there is more than one."""
    core_hour: float | None = None
    """Price of a core for an hour, with its memory."""
    gpu_hour: float | None = None
    gigabyte: float | None = None
    """Price of a gigabyte (1e9 bytes) that is sent."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What ``listeners`` need, spare machines included in ``machines`` and the costs."""

    listeners: int
    engine: str
    synthesis_cores: float
    serving_cores: float
    gpus: int
    processes: int
    memory_mb: float
    mbit_s: float
    machines: int
    machine_cores: int
    machine_gpus: int
    cost_hour: float | None
    cost_listener_hour: float | None


def plan(listeners: int, engine: str, audio_format: str, machine: Machine, figures: Figures) -> Plan:
    """Return what ``listeners`` need who all hear audio at the same time.

    Raises ``ValueError`` for an unknown engine or format, or fewer than one listener.
    """
    if listeners < 1 or engine not in ENGINES or audio_format not in FORMATS:
        raise ValueError(f"{listeners} listeners, {engine}, {audio_format}")
    if engine == "cuda":
        gpus = ceil(listeners / figures.gpu_listeners.value)
        synthesis, serving = 0.0, listeners * figures.gpu_core_s.value / figures.loop_load.value
        needed = max(ceil(gpus / machine.gpus), ceil(serving / machine.cores))
    else:
        core_s = figures.core_s.value * (figures.openvino_ratio.value if engine == "openvino" else 1)
        gpus, synthesis = 0, listeners * core_s / figures.target_load.value
        serving = listeners * figures.loop_s.value / figures.loop_load.value
        needed = ceil((synthesis + serving) / machine.cores)
    machines = needed + (machine.spare if needed > 1 else 0)
    machine_gpus = machine.gpus if engine == "cuda" else 0
    processes = machines * _processes(engine, machine, figures)
    process_mb = figures.gpu_process_mb.value if engine == "cuda" else figures.process_mb.value
    mbit_s = listeners * (figures.pcm_kbit_s if audio_format == "pcm" else figures.mp3_kbit_s).value / 1000
    cost = _cost(machine, machines, machine_gpus, mbit_s)
    return Plan(
        listeners=listeners,
        engine=engine,
        synthesis_cores=synthesis,
        serving_cores=serving,
        gpus=gpus,
        processes=processes,
        memory_mb=processes * process_mb + listeners * figures.listener_mb.value,
        mbit_s=mbit_s,
        machines=machines,
        machine_cores=machine.cores,
        machine_gpus=machine_gpus,
        cost_hour=cost,
        cost_listener_hour=None if cost is None else cost / listeners,
    )


def _processes(engine: str, machine: Machine, figures: Figures) -> int:
    """Return the serving processes of a machine."""
    if engine == "cuda":
        return machine.gpus * round(figures.gpu_processes.value)
    return max(1, machine.cores // CORES_PER_PROCESS)


def _cost(machine: Machine, machines: int, gpus: int, mbit_s: float) -> float | None:
    """Return the price of an hour; ``None`` if the price of the cores, or of GPUs that are used, is unknown."""
    if machine.core_hour is None or (gpus and machine.gpu_hour is None):
        return None
    sent = mbit_s / 8 * 3600 / 1000 * (machine.gigabyte or 0.0)
    return machines * (machine.cores * machine.core_hour + gpus * (machine.gpu_hour or 0.0)) + sent
