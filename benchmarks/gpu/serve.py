"""``python benchmarks/gpu/serve.py COUNTERS [ROOT [OPTION ...]]``: run the server of the checkout ROOT and count.

The options are those of ``manage.py serve``. With several ``SERVER_PROCESSES``, each of them runs this program with
its number appended to the name of COUNTERS.

The counters go to COUNTERS every second, the delays of the event loop to the same name with the suffix ``.lag``, and
the state of admission control to the one with ``.trace``.
With ``KIT_DEVICE=cpu`` the GPU engine runs on the processor, so that it can be tested in the server without a GPU. With
``KIT_SLEEP`` the networks of the CPU engine sleep instead of computing, so that a small machine can imitate many cores:
its value is the seconds of sleep per second of audio.

This file imports nothing of the project, so that it can also run an older checkout.
"""

import asyncio
import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

EVERY_S = 1.0
LAG_EVERY_S = 0.02
TRACE_EVERY_S = 0.2
FRAMES_PER_ID = 2.1
"""Frames per phoneme id of the sleeping engine, as the voice Joe has."""
ENCODER_SHARE = 0.15
"""Part of the sleep that the encoder takes; the decoder takes the rest. Joe's flow is small compared with both."""
SOUND_SAMPLES = 16_384
"""Samples of noise that the sleeping engine repeats."""
CONTEXT_FRAMES = 3
"""Frames of a window that its context costs, measured with Joe."""


def main() -> None:
    """Serve until stopped."""
    root = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).resolve().parents[2]
    os.chdir(root)
    sys.path[0] = str(root)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    if os.environ.get("KIT_DEVICE") == "cpu":
        from synthesis.engines.coqui.cuda import CudaEngine

        defaults: dict[str, Any] = CudaEngine.__init__.__kwdefaults__ or {}
        defaults["device"] = "cpu"
    if "KIT_SLEEP" in os.environ:
        _sleep_instead(float(os.environ["KIT_SLEEP"]))
    _measure_children(Path(sys.argv[1]), root)
    threading.Thread(target=_count, args=(Path(sys.argv[1]),), daemon=True).start()
    threading.Thread(target=_trace, args=(Path(sys.argv[1]).with_suffix(".trace"),), daemon=True).start()
    threading.Thread(target=_measure_lag, args=(Path(sys.argv[1]).with_suffix(".lag"),), daemon=True).start()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", "serve", *sys.argv[3:]])


def _measure_children(counters: Path, root: Path) -> None:
    """Let the supervisor start this program instead of ``manage.py serve``."""
    start: Any = asyncio.create_subprocess_exec

    async def measured(program: str, *words: str, **options: Any) -> Any:
        if words[1:2] == ("serve",) and "--slot" in words:
            own = counters.with_stem(f"{counters.stem}-{words[words.index('--slot') + 1]}")
            words = (__file__, str(own), str(root), *words[2:])
        return await start(program, *words, **options)

    asyncio.create_subprocess_exec = measured  # type: ignore[assignment]


def _sleep_instead(seconds_per_second: float) -> None:
    """Replace the networks of ``OnnxEngine`` by sleeps of the same shape: cost per frame, context included."""
    import django

    django.setup()
    import numpy as np

    from synthesis.engines import onnx, vits

    # Not a constant, which encoders would compress to nothing.
    sound = np.random.default_rng(1).uniform(-0.1, 0.1, SOUND_SAMPLES).astype(np.float32)
    # The class has another name in older checkouts.
    output: Any = getattr(vits, "EncoderOutput", None) or vits.Encoded  # type: ignore[attr-defined]

    def encode(engine: Any, ids: Any, length_scale: float, noise: Any, speaker: int) -> Any:
        time.sleep(len(ids) * FRAMES_PER_ID * frame_s(engine) * ENCODER_SHARE)
        manifest = getattr(engine, "_manifest", None) or engine._bundle
        channels = getattr(manifest, "latent_channels", 192)
        zeros = np.zeros((len(ids), channels), np.float32)
        frames = np.full(len(ids), FRAMES_PER_ID * length_scale, np.float32)
        return output(zeros, zeros, frames, None)

    def flow(engine: Any, frames: Any, context: Any, latents: Any) -> Any:
        return frames[:, context[0] : frames.shape[1] - context[1]]

    def decode(engine: Any, frames: Any, context: Any, latents: Any) -> Any:
        wanted = frames.shape[1] - sum(context)
        time.sleep((wanted + CONTEXT_FRAMES) * frame_s(engine) * (1 - ENCODER_SHARE))
        return np.resize(sound, wanted * hop(engine))

    def hop(engine: Any) -> int:
        return int(getattr(engine, "hop_length", None) or engine.hop)

    def frame_s(engine: Any) -> float:
        """Return the seconds of sleep per frame."""
        return hop(engine) / float(engine.sample_rate) * seconds_per_second

    onnx.OnnxEngine._encode, onnx.OnnxEngine._flow, onnx.OnnxEngine._decode = encode, flow, decode  # type: ignore[assignment,method-assign]


def _count(file: Path) -> None:
    while True:
        time.sleep(EVERY_S)
        # A string, not an import: Django may not be set up yet.
        runtime = sys.modules.get("synthesis.runtime")
        current = getattr(runtime, "_runtime", None)
        if current is None:
            continue
        voices = [task.result() for _, task in list(current.voices._loads.values()) if task.done()]
        engines = [voice.batching.stats() for voice in voices if voice.batching]
        draft = file.with_suffix(".part")
        draft.write_text(json.dumps({"pool": current.pool.stats(), "engines": engines}))
        draft.replace(file)


def _trace(file: Path) -> None:
    """Append the state of admission control every ``TRACE_EVERY_S`` seconds, as lines of JSON."""
    with file.open("w") as lines:
        while True:
            time.sleep(TRACE_EVERY_S)
            current = getattr(sys.modules.get("synthesis.runtime"), "_runtime", None)
            admission = getattr(current, "admission", None)
            if current is None or admission is None:
                continue
            times = {"at": time.time(), "processor_s": time.process_time(), "cost": current.pool.meter.cost(None)}
            lines.write(json.dumps(times | {"admission": admission.stats(), "pool": current.pool.stats()}) + "\n")
            lines.flush()


def _measure_lag(file: Path) -> None:
    """Append ``time.time()`` and the seconds until the event loop runs a callback, every ``LAG_EVERY_S`` seconds."""
    ran = threading.Event()
    with file.open("w") as lines:
        while True:
            time.sleep(LAG_EVERY_S)
            reactor = sys.modules.get("twisted.internet.reactor")
            loop = getattr(reactor, "_asyncioEventloop", None)
            if loop is None or not loop.is_running():
                continue
            ran.clear()
            began, at = time.perf_counter(), [0.0]

            def callback(at: list[float] = at) -> None:
                at[0] = time.perf_counter()
                ran.set()

            loop.call_soon_threadsafe(callback)
            if not ran.wait(10):
                at[0] = time.perf_counter()
            lines.write(f"{time.time():.3f} {at[0] - began:.6f}\n")
            lines.flush()


if __name__ == "__main__":
    main()
