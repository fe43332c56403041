"""Speaks with Pipecat's OpenAI service in a pipeline. Arguments: the base URL. Writes one line of JSON."""

import asyncio
import json
import sys

from pipecat.frames.frames import EndFrame, ErrorFrame, Frame, TTSAudioRawFrame, TTSSpeakFrame, TTSStoppedFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.openai.tts import OpenAITTSService
from pipecat.workers.runner import WorkerRunner

TEXTS = ("Hello, alice. This is spoken while it is synthesized.", "Goodbye, bob.")


class Collector(FrameProcessor):  # type: ignore[misc]  # this environment has no pipecat
    """Keeps the frames that the service sends."""

    def __init__(self) -> None:
        super().__init__()
        self.frames: list[Frame] = []

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Keep the frame, and pass it on."""
        await super().process_frame(frame, direction)
        self.frames.append(frame)
        await self.push_frame(frame, direction)


async def main() -> None:
    """Speak ``TEXTS``, and report the audio."""
    service = OpenAITTSService(api_key="not needed", base_url=sys.argv[1])
    errors, sink = Collector(), Collector()
    worker = PipelineWorker(Pipeline([errors, service, sink]))
    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    await worker.queue_frames([*map(TTSSpeakFrame, TEXTS), EndFrame()])
    await runner.run()
    audio = [frame for frame in sink.frames if isinstance(frame, TTSAudioRawFrame)]
    print(  # noqa: T201 - the result
        json.dumps(
            {
                "seconds": sum(len(frame.audio) / 2 / frame.sample_rate for frame in audio),
                "rates": sorted({frame.sample_rate for frame in audio}),
                "peak": max((max(memoryview(frame.audio).cast("h")) for frame in audio), default=0),
                "frames": len(audio),
                "texts": sum(isinstance(frame, TTSStoppedFrame) for frame in sink.frames),
                "errors": [frame.error for frame in errors.frames if isinstance(frame, ErrorFrame)],
            }
        )
    )


if __name__ == "__main__":
    asyncio.run(main())
