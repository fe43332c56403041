"""Controls NVIDIA's Multi-Process Service (MPS)."""

import argparse
import os
import shutil
import subprocess
from pathlib import Path

from benchmarks.gpu.record import Record


class MultiProcessService:
    """NVIDIA's Multi-Process Service, which lets processes compute concurrently on one GPU."""

    def __init__(self, options: argparse.Namespace, record: Record, temporary: Path) -> None:
        self._program = shutil.which("nvidia-cuda-mps-control", path=f"{os.environ['PATH']}:/usr/local/nvidia/bin")
        self.running = False
        if options.mps and self._program is not None:
            for name in ("CUDA_MPS_PIPE_DIRECTORY", "CUDA_MPS_LOG_DIRECTORY"):
                folder = temporary / name.lower()
                folder.mkdir()
                os.environ[name] = str(folder)
            output = self._control("-d")
            self.running = True
            record.add("mps", used=True, output=output)
        else:
            record.add("mps", used=False, program=self._program)

    def stop(self) -> None:
        """Stop the service; processes that start later use time slicing."""
        if self.running:
            self.running = False
            self._control(commands="quit\n")
            for name in ("CUDA_MPS_PIPE_DIRECTORY", "CUDA_MPS_LOG_DIRECTORY"):
                del os.environ[name]

    def _control(self, *options: str, commands: str = "") -> str:
        assert self._program is not None
        try:
            done = subprocess.run(  # noqa: S603 - the driver's own program
                [self._program, *options], input=commands, capture_output=True, text=True, timeout=20
            )
        except subprocess.TimeoutExpired:
            return "no response"
        return (done.stdout + done.stderr).strip()[:200]
