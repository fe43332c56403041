"""Memory: the malloc settings are in effect, and synthesis does not increase memory over time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.process.malloc import reexec_with_libc_malloc, trim_heap, tune_malloc

ROOT = Path(__file__).parents[2]
SPEAK = """
import sys
from pathlib import Path
from core.process.malloc import trim_heap, tune_malloc
assert tune_malloc()
import psutil
from synthesis.engines.onnx import OnnxEngine
from synthesis.pipeline.windows import plan_windows
from synthesis.voice_files.manifest import VoiceManifest
from synthesis.voices.compiler.loudness_calibration import SENTENCES, segment_ids
folder = Path(sys.argv[1])
bundle = VoiceManifest.read(folder)
engine = OnnxEngine(folder, bundle)
for sentence in SENTENCES * 3:
    latents = engine.encode(segment_ids(sentence, bundle.phoneme_ids), 0, 1.0)
    for start, stop in plan_windows(latents.frames):
        engine.decode(latents, start, stop)
trim_heap()
print(psutil.Process().memory_info().rss // 2**20)
"""
glibc = pytest.mark.skipif(sys.platform != "linux", reason="these settings are glibc's")


@glibc
def test_malloc_settings_take_effect() -> None:
    code = "from core.process.malloc import tune_malloc; print(tune_malloc())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"


@glibc
@pytest.mark.parametrize(("said", "heap"), [({}, "malloc"), ({"PYTHONMALLOC": "pymalloc"}, "pymalloc")])
def test_the_server_uses_one_heap_unless_configured_otherwise(said: dict[str, str], heap: str) -> None:
    start = "from core.process.malloc import reexec_with_libc_malloc; reexec_with_libc_malloc()"
    code = f"import os; {start}; print(os.environ['PYTHONMALLOC'])"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONMALLOC"} | said
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == heap


def test_without_glibc_malloc_is_not_tuned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda _name: object())
    monkeypatch.delenv("PYTHONMALLOC", raising=False)
    reexec_with_libc_malloc()
    assert tune_malloc() is False
    assert trim_heap() is False


@glibc
@pytest.mark.voice
def test_an_idle_voice_uses_little_memory_beyond_its_weights(joe_voice_dir: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SPEAK, str(joe_voice_dir)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    # 62 MB of weights, 46 MB of Python, numpy and ONNX Runtime.
    assert int(done.stdout) < 170
