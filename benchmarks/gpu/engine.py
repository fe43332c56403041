"""Measures the engine alone: exactness, first windows, and throughput by batch, window and precision."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from django.conf import settings
from numpy.typing import NDArray

from benchmarks.gpu.onnx_provider import measure_onnx
from benchmarks.gpu.record import Record
from benchmarks.gpu.speech import imitated, speak_all, write
from benchmarks.summary import p95
from benchmarks.texts import Texts
from synthesis.audio.loudness import to_pcm16
from synthesis.engines.base import DecodeRequest, EncodeRequest, Latents
from synthesis.engines.coqui.cuda import CudaEngine
from synthesis.engines.coqui.programs import Options
from synthesis.engines.onnx import OnnxEngine
from synthesis.phonemes.phonemizer import phonemes_to_ids, phonemize
from synthesis.pipeline.windows import FIRST_WINDOW, plan_windows
from synthesis.text.normalizer import normalize
from synthesis.text.segmentation import split_segments
from synthesis.voice_files.manifest import VoiceManifest

WORDS = (2, 15, 30)
TF32_BF16 = ("tf32", "bf16")
ENGINE_THREADS = 4
WHOLE_ROUNDS = 3
NEEDS_S = 30.0
"""Seconds to measure one variant of the decoder."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """The extent of the measurement."""

    sentences: int
    firsts: int
    batches: tuple[int, ...]
    frames: tuple[int, ...]
    seconds: float
    utterances: int
    spoken: int
    """Sentences for the recognizer."""


FULL = Sizes(12, firsts=60, batches=(1, 4, 8, 32), frames=(16, 48, 128), seconds=0.4, utterances=64, spoken=100)
QUICK = Sizes(6, firsts=40, batches=(1, 8, 32), frames=(16, 128), seconds=0.3, utterances=32, spoken=20)
TINY = Sizes(2, firsts=3, batches=(1, 2), frames=(16, 48), seconds=0.1, utterances=2, spoken=2)


class EngineTrial:
    """Measures the voice in ``folder`` on ``device``."""

    def __init__(self, record: Record, folder: Path, device: str, sizes: Sizes) -> None:
        self._record = record
        self._folder = folder
        self._device = device
        self._sizes = sizes
        self._manifest = VoiceManifest.read(folder)
        self._texts = Texts(seed=11)
        self._second_frames = self._manifest.sample_rate / self._manifest.hop_length

    def run(self) -> None:
        """Measure everything, the most important first."""
        step = self._record.step
        engine: CudaEngine | None = None
        with step("load"):
            engine = self._engine()
        if engine is None:
            return
        with step("first window"):
            self._first_windows(engine)
        with step("exactness"):
            self._exactness(engine)
        with step("batch independence"):
            self._independence(engine)
        with step("encoder and flow"):
            self._encoding(engine)
        with step("decoder fp32"):
            self._decoding(engine, "fp32", self._sizes.batches)
        with step("whole engine"):
            self._whole(engine)
        with step("pipeline in one process"):
            self._pipeline(engine)
        self._record.add("device counters", **_flat(engine.stats()))
        del engine
        with step("speech"):
            self._speech()
        with step("ONNX Runtime"):
            measure_onnx(self._record, self._folder, self._manifest, self._device, self._sizes)
        batches = self._sizes.batches
        for precision in TF32_BF16:
            self._variant(f"{precision}", batches, precision=precision)
        for precision, channels_last in (("fp32", True), ("tf32", False), ("bf16", False)):
            name = f"{precision} channels {'last' if channels_last else 'first'}"
            self._variant(name, batches[-1:], precision=precision, channels_last=channels_last)

    def _variant(self, name: str, batches: Sequence[int], **options: Any) -> None:
        if self._record.enough(f"decoder {name}", NEEDS_S):
            with self._record.step(f"decoder {name}"):
                self._decoding(self._engine(**options), name, batches)
                self._record.add("memory", variant=name, **_memory(self._device))

    def _engine(self, **options: Any) -> CudaEngine:
        began = time.perf_counter()
        engine = CudaEngine(
            self._folder,
            self._manifest,
            device=self._device,
            options=replace(self._rows(), **options),
            memory_mb=settings.SYNTHESIS_GPU_MEMORY_MB,
        )
        if not options:
            taken = {"load_s": time.perf_counter() - began}
            self._record.add("load", **taken, **_memory(self._device))
        return engine

    def _rows(self) -> Options:
        return Options() if self._device == "cuda" else Options(rows=64 * 1024)

    def _ids(self, words: int) -> list[int]:
        [segment, *_] = split_segments(normalize(self._texts.text((words,)), self._manifest.language))
        return phonemes_to_ids(phonemize(segment, self._manifest.espeak_voice), self._manifest.phoneme_ids)[0]

    def _first_windows(self, engine: CudaEngine) -> None:
        for words in WORDS:
            texts = [self._ids(words) for _ in range(self._sizes.firsts + 3)]
            encode_ms, whole_ms = [], []
            for ids in texts:
                began = time.perf_counter()
                latents = engine.encode(ids, 0, 1.0)
                encoded = time.perf_counter()
                engine.decode_pcm_batch([DecodeRequest(latents, 0, min(FIRST_WINDOW, latents.frames))], 1.0)
                encode_ms.append((encoded - began) * 1000)
                whole_ms.append((time.perf_counter() - began) * 1000)
            self._record.add(
                "first window",
                words=words,
                encode_p50_ms=statistics.median(encode_ms[3:]),
                p50_ms=statistics.median(whole_ms[3:]),
                p95_ms=p95(whole_ms[3:]),
            )

    def _exactness(self, engine: CudaEngine) -> None:
        reference = OnnxEngine(self._folder, self._manifest, threads=8)
        texts = [self._ids(10) for _ in range(self._sizes.sentences)]
        began, used = time.perf_counter(), time.process_time()
        expected = [reference.encode(ids, 0, 1.0) for ids in texts]
        spoken = [reference.decode(latents, 0, latents.frames) for latents in expected]
        audio_s = sum(map(len, spoken)) / self._manifest.sample_rate
        self._record.add(
            "processor",
            audio_s=audio_s,
            real_time=audio_s / (time.perf_counter() - began),
            processor_s_per_audio_s=(time.process_time() - used) / audio_s,
        )
        for precision in ("fp32", *TF32_BF16):
            speaking = engine if precision == "fp32" else self._engine(precision=precision)
            worst, noise, signal, same, steps = 0.0, 0.0, 0.0, 0, 0
            with imitated(precision, self._device):
                for ids, latents, samples in zip(texts, expected, spoken, strict=True):
                    made = speaking.encode(ids, 0, 1.0)
                    if made.durations.tolist() != latents.durations.tolist():
                        continue
                    same += 1
                    wave, pcm = _streamed(speaking, made, self._manifest.gain)
                    worst = max(worst, float(np.abs(wave - samples).max()))
                    noise += float(np.square(wave - samples, dtype=np.float64).sum())
                    signal += float(np.square(samples, dtype=np.float64).sum())
                    right = np.frombuffer(to_pcm16(samples, self._manifest.gain), "<i2").astype(int)
                    steps = max(steps, int(np.abs(pcm - right).max()))
            self._record.add(
                "exactness",
                precision=precision,
                sentences=len(texts),
                same_durations=same,
                worst=worst,
                snr_db=10 * float(np.log10(signal / max(noise, 1e-30))) if signal else 0.0,
                worst_pcm_steps=steps,
            )

    def _speech(self) -> None:
        """Speak the sentences of the word error rate in each precision: ``benchmarks.gpu.speech``."""
        for precision in ("fp32", *TF32_BF16):
            with imitated(precision, self._device):
                sounds = speak_all(self._engine(precision=precision), self._manifest, self._sizes.spoken)
            write(self._record.folder / f"speech-{precision}.npz", sounds)
            self._record.add("speech", precision=precision, sentences=len(sounds))

    def _independence(self, engine: CudaEngine) -> None:
        made = engine.encode_batch([EncodeRequest(self._ids(words), 0, 1.0) for words in (10, 3, 15, 25, 6, 12)])
        latents = [one for one in made if not isinstance(one, Exception)]
        requests = [
            DecodeRequest(one, *ends)
            for one in latents
            for ends in plan_windows(one.frames, largest=engine.largest_window)
        ]
        together = engine.decode_batch(requests)
        worst, equal = 0.0, 0
        for request, samples in zip(requests, together, strict=True):
            [alone] = engine.decode_batch([request])
            assert not isinstance(alone, Exception)
            assert not isinstance(samples, Exception)
            worst = max(worst, float(np.abs(alone - samples).max()))
            equal += int(np.array_equal(alone, samples))
        self._record.add("batch independence", windows=len(requests), bit_equal=equal, worst=worst)

    def _encoding(self, engine: CudaEngine) -> None:
        for batch in self._sizes.batches:
            requests = [EncodeRequest(self._ids(10), 0, 1.0) for _ in range(batch)]
            frames, count, began, before = 0, 0, 0.0, 0.0
            while not began or time.perf_counter() - began < self._sizes.seconds:
                made = engine.encode_batch(requests)
                if not began:
                    before, began = _device_s(engine), time.perf_counter()
                    continue
                frames += sum(one.frames for one in made if not isinstance(one, Exception))
                count += 1
                del made
            taken = time.perf_counter() - began
            self._record.add(
                "encoder and flow",
                batch=batch,
                batch_ms=taken / max(1, count) * 1000,
                device_ms=(_device_s(engine) - before) / max(1, count) * 1000,
                real_time=frames / self._second_frames / taken,
            )

    def _decoding(self, engine: CudaEngine, name: str, batches: Sequence[int]) -> None:
        latents = engine.encode(self._ids(30), 0, 1.0)
        for frames in self._sizes.frames:
            for batch in batches:
                spare = latents.frames - frames
                assert spare > 0
                requests = [
                    DecodeRequest(latents, begin, begin + frames)
                    for begin in (number * 37 % spare for number in range(batch))
                ]
                engine.decode_pcm_batch(requests, 1.0)
                before = _device_s(engine)
                count, began = 0, time.perf_counter()
                while time.perf_counter() - began < self._sizes.seconds:
                    engine.decode_pcm_batch(requests, 1.0)
                    count += 1
                taken, device_s = time.perf_counter() - began, _device_s(engine) - before
                audio_s = count * batch * frames / self._second_frames
                self._record.add(
                    "decoder",
                    variant=name,
                    frames=frames,
                    batch=batch,
                    batch_ms=taken / count * 1000,
                    device_ms=device_s / count * 1000,
                    real_time=audio_s / taken,
                    real_time_device=audio_s / device_s if device_s else 0.0,
                )

    def _whole(self, engine: CudaEngine) -> None:
        """Measure encoder, flow and decoder together: threads synthesize sentences in full batches."""
        batch, threads = self._sizes.batches[-1], ENGINE_THREADS
        texts = [[EncodeRequest(self._ids(10), 0, 1.0) for _ in range(batch)] for _ in range(threads)]

        def synthesize(requests: Sequence[EncodeRequest]) -> int:
            latents = [one for one in engine.encode_batch(requests) if not isinstance(one, Exception)]
            windows = [
                DecodeRequest(one, begin, min(begin + engine.largest_window, one.frames))
                for one in latents
                for begin in range(0, one.frames, engine.largest_window)
            ]
            for begin in range(0, len(windows), batch):
                engine.decode_pcm_batch(windows[begin : begin + batch], 1.0)
            return sum(one.frames for one in latents)

        with ThreadPoolExecutor(threads) as workers:
            for rounds in (1, WHOLE_ROUNDS):
                began = time.perf_counter()
                frames = sum(workers.map(synthesize, texts * rounds))
                taken = time.perf_counter() - began
        real_time = frames / self._second_frames / taken
        self._record.add("whole engine", threads=threads, batch=batch, rounds=rounds, real_time=real_time)

    def _pipeline(self, engine: CudaEngine) -> None:
        """Measure the whole synthesis in this process, without sockets and flow control."""
        asyncio.run(self._speak_many(engine))

    async def _speak_many(self, engine: CudaEngine) -> None:
        from synthesis.catalog import CatalogVoice
        from synthesis.pipeline.events import AudioChunk
        from synthesis.pipeline.request import SpeechRequest
        from synthesis.pipeline.synthesizer import Synthesizer
        from synthesis.pool.voice_cache import LoadedVoice, VoiceCache
        from synthesis.pool.worker_pool import WorkerPool

        voice = LoadedVoice(self._manifest, engine)
        pool = WorkerPool(4, 10_000, batch_wait_s=0.002)
        voices = VoiceCache(self._folder.parent, lambda _folder: voice, max_loaded=1)
        speech = Synthesizer(voices, pool)
        entry = CatalogVoice(
            self._folder.name, "", self._manifest.language, (), self._manifest.sample_rate, default=True
        )

        async def speak() -> float:
            request = SpeechRequest(self._texts.text((10,) * 4), entry, None, 1.0)
            samples = [event.samples async for event in speech.synthesize(request) if isinstance(event, AudioChunk)]
            return sum(samples) / self._manifest.sample_rate

        for count in (1, self._sizes.utterances, self._sizes.utterances):
            began = time.perf_counter()
            audio_s = sum(await asyncio.gather(*(speak() for _ in range(count))))
            taken = time.perf_counter() - began
            self._record.add("pipeline in one process", utterances=count, audio_s=audio_s, real_time=audio_s / taken)
        self._record.add("pipeline counters", **pool.stats())
        pool.close()


def _streamed(engine: CudaEngine, latents: Latents, gain: float) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    requests = [DecodeRequest(latents, *ends) for ends in plan_windows(latents.frames, largest=engine.largest_window)]
    waves = [wave for wave in engine.decode_batch(requests) if not isinstance(wave, Exception)]
    pcm = [piece for piece in engine.decode_pcm_batch(requests, gain) if not isinstance(piece, Exception)]
    return np.concatenate(waves), np.frombuffer(b"".join(pcm), "<i2").astype(np.int64)


def _device_s(engine: CudaEngine) -> float:
    programs = engine.stats()["programs"]
    return float(sum(used["device_s"] for used in programs.values()))


def _memory(device: str) -> dict[str, float]:
    if device != "cuda":
        return {}
    return {"reserved_mb": torch.cuda.memory_reserved() / 2**20, "allocated_mb": torch.cuda.memory_allocated() / 2**20}


def _flat(stats: dict[str, Any]) -> dict[str, Any]:
    programs = stats.pop("programs", {})
    return stats | {name: f"{used['items']} in {used['batches']} batches" for name, used in programs.items()}
