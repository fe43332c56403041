"""Records the GPU's power, utilization and memory with nvidia-smi."""

import shutil
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


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


@contextmanager
def record_power(temporary: Path) -> Iterator[Power]:
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
