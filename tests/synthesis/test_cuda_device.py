"""Tests of the batching engine that need a GPU: CUDA graphs, streams and memory."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from synthesis.engines.base import DecodeRequest, EncodeRequest
from synthesis.engines.coqui.cuda import CudaEngine
from synthesis.engines.onnx import OnnxEngine
from synthesis.errors import VoiceError
from synthesis.pipeline.windows import plan_windows
from synthesis.voice_files.manifest import VoiceManifest
from tests.synthesis.voices.coqui_voices import random_ids

SmallVoice = Callable[[str], Path]

pytestmark = [
    pytest.mark.cuda,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no NVIDIA GPU here"),
]


@pytest.mark.parametrize("kind", ["medium", "high", "speakers", "plain durations"])
def test_cuda_graphs_match_the_cpu(kind: str, small_voice: SmallVoice) -> None:
    folder = small_voice(kind)
    manifest = VoiceManifest.read(folder)
    engine, reference = CudaEngine(folder, manifest), OnnxEngine(folder, manifest)
    # The first of each shape is computed without a graph, the others with it.
    for count in (40, 41, 42, 43):
        requests = [EncodeRequest(random_ids(count + more), 0, 1.0) for more in (0, 5, 10)]
        for request, latents in zip(requests, engine.encode_batch(requests), strict=True):
            assert not isinstance(latents, Exception)
            expected = reference.encode(request.ids, 0, 1.0)
            assert latents.durations.tolist() == expected.durations.tolist()
            spoken = reference.decode(expected, 0, expected.frames)
            np.testing.assert_allclose(engine.decode(latents, 0, latents.frames), spoken, rtol=0, atol=1e-4)


def test_graphs_can_be_captured_during_synthesis(small_voice: SmallVoice) -> None:
    folder = small_voice("medium")
    engine = CudaEngine(folder, VoiceManifest.read(folder))
    latents = engine.encode(random_ids(300), 0, 1.0)
    expected = engine.decode(latents, 0, latents.frames)
    capturing = threading.Thread(target=engine.capture_all)
    capturing.start()

    def speak(_number: int) -> None:
        own = engine.encode(random_ids(300), 0, 1.0)
        made = [engine.decode(own, *ends) for ends in plan_windows(own.frames, largest=engine.largest_window)]
        np.testing.assert_allclose(np.concatenate(made), expected, rtol=0, atol=1e-5)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(speak, range(16)))
    capturing.join()
    [pcm] = engine.decode_pcm_batch([DecodeRequest(latents, 0, 16)], 1.0)
    assert isinstance(pcm, bytes)


def test_the_error_names_a_memory_budget_that_is_too_small(small_voice: SmallVoice) -> None:
    folder = small_voice("medium")
    with pytest.raises(VoiceError, match="SYNTHESIS_GPU_MEMORY_MB") as failure:
        CudaEngine(folder, VoiceManifest.read(folder), memory_mb=4)
    assert failure.value.code == "gpu_full"
    torch.cuda.set_per_process_memory_fraction(1.0)
