"""Incremental encoders: PCM16 of any length in, the bytes of a file out, as early as the format allows.

The libraries are imported on first use: PyAV, which ``opus`` and ``aac`` need, takes 20 MB.
One thread at a time uses an encoder.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Protocol, cast

import numpy as np

from synthesis.audio.formats import AudioFormat
from synthesis.audio.loudness import SAMPLE_BYTES
from synthesis.audio.wav import wav_header

BUFFER_BYTES = 4096
"""Bytes that PyAV collects before it calls the file object."""
RESAMPLED_AT_ONCE = 1024
"""Samples. With whole windows, a resampler needs 0.28 MB instead of 0.13."""


class Encoder(Protocol):
    """Encodes one utterance. ``close`` releases memory and may be called at any time, also repeatedly."""

    def encode(self, pcm: bytes) -> bytes:
        """Return the next bytes of the file for more samples; empty while the encoder needs more."""
        ...

    def finish(self) -> bytes:
        """Return the last bytes of the file."""
        ...

    def corrections(self) -> list[tuple[int, bytes]]:
        """Return bytes to write at offsets of the finished file: lengths, which a stream cannot contain."""
        ...

    def release(self) -> None:
        """Release what can be made again with the next ``encode``: the client does not read."""
        ...

    def close(self) -> None:
        """Release the encoder's memory."""
        ...


def make_encoder(audio_format: AudioFormat, source_rate: int, rate: int) -> "ResamplingEncoder":
    """Return an encoder of mono PCM16 at ``source_rate`` Hz to ``audio_format`` at ``rate`` Hz."""
    encoder: Encoder
    match audio_format.name:
        case "pcm":
            encoder = PcmEncoder()
        case "wav":
            encoder = WavEncoder(rate)
        case "flac":
            encoder = FlacEncoder(rate)
        case "mp3":
            encoder = Mp3Encoder(rate, audio_format.bit_rate or MP3_BIT_RATE)
        case "ulaw" | "alaw":
            encoder = TelephoneEncoder(audio_format.name)
        case "aac":
            encoder = AacEncoder(CODECS["aac"], rate, audio_format.bit_rate)
        case name:
            encoder = CodecEncoder(CODECS[name], rate, audio_format.bit_rate)
    return ResamplingEncoder(encoder, source_rate, rate)


class PcmEncoder:
    """Returns the samples unchanged."""

    def encode(self, pcm: bytes) -> bytes:
        """Return ``pcm``."""
        return pcm

    def finish(self) -> bytes:
        """Return nothing: raw PCM has no end."""
        return b""

    def corrections(self) -> list[tuple[int, bytes]]:
        """Return none: raw PCM has no header."""
        return []

    def release(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class TelephoneEncoder(PcmEncoder):
    """Compresses each sample to one byte, by the μ-law or the A-law of ITU-T G.711."""

    def __init__(self, law: str) -> None:
        self._compress = _ulaw if law == "ulaw" else _alaw

    def encode(self, pcm: bytes) -> bytes:
        """Return one byte for each sample."""
        return bytes(self._compress(np.frombuffer(pcm, dtype="<i2").astype(np.int32)).astype(np.uint8))


def _ulaw(samples: Any) -> Any:
    sign = np.where(samples < 0, 0x80, 0)
    magnitude = np.minimum(np.abs(samples), _G711_CLIP) + _ULAW_BIAS
    exponent = np.log2(magnitude).astype(np.int32) - 7
    return ~(sign | exponent << 4 | magnitude >> exponent + 3 & 0x0F) & 0xFF


def _alaw(samples: Any) -> Any:
    mask = np.where(samples < 0, 0x55, 0xD5)
    magnitude = np.minimum(np.where(samples < 0, ~samples, samples), _G711_CLIP)
    exponent = np.maximum(np.log2(np.maximum(magnitude, 1)).astype(np.int32) - 7, 0)
    return (exponent << 4 | magnitude >> np.maximum(exponent + 3, 4) & 0x0F) ^ mask


_ULAW_BIAS = 132
_G711_CLIP = 32_635
"""Largest magnitude of 16-bit samples that G.711 can represent."""


class WavEncoder(PcmEncoder):
    """Writes a RIFF header with open length fields before the samples."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._samples_bytes = 0
        self._begun = False

    def encode(self, pcm: bytes) -> bytes:
        """Return the samples, the first time behind the header."""
        self._samples_bytes += len(pcm)
        header = b"" if self._begun else wav_header(self._rate)
        self._begun = True
        return header + pcm

    def corrections(self) -> list[tuple[int, bytes]]:
        """Return the header with the exact lengths."""
        return [(0, wav_header(self._rate, self._samples_bytes))]


@dataclass(slots=True)
class _Output:
    """A file object that returns appended bytes once, and collects the bytes that replace earlier ones."""

    appended: bytearray = field(default_factory=bytearray)
    rewritten: list[tuple[int, bytes]] = field(default_factory=list)
    position: int = 0
    end: int = 0
    first_write: int = 0
    """Bytes of the first call of ``write``."""

    def write(self, data: Any) -> int:
        """Append ``data``, or collect it if it replaces bytes that were already taken."""
        size = len(data)
        self.first_write = self.first_write or size
        if self.position == self.end:
            self.appended += data
            self.end += size
        else:
            self.rewritten.append((self.position, bytes(data)))
        self.position += size
        return size

    def take(self) -> bytes:
        """Return the appended bytes and discard them."""
        taken = bytes(self.appended)
        self.appended.clear()
        return taken


class _SeekableOutput(_Output):
    """An output for libsndfile, which returns to the header at the end."""

    __slots__ = ()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to another position."""
        self.position = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self.position, os.SEEK_END: self.end}[whence]
        return self.position

    def tell(self) -> int:
        """Return the position."""
        return self.position

    def read(self, _size: int = -1) -> bytes:
        """Return nothing: libsndfile requires the method, but does not call it while it writes."""
        return b""


class FlacEncoder:
    """Encodes FLAC with libFLAC through libsndfile: FFmpeg's encoder takes 7 MB for each stream, this one 0.2 MB."""

    def __init__(self, rate: int) -> None:
        import soundfile

        self._output = _SeekableOutput()
        self._file: Any = soundfile.SoundFile(self._output, "w", rate, 1, "PCM_16", format="FLAC")

    def encode(self, pcm: bytes) -> bytes:
        """Return the blocks of 4,096 samples that are complete."""
        self._file.buffer_write(pcm, "int16")
        return self._output.take()

    def finish(self) -> bytes:
        """Return the last block."""
        self.close()
        return self._output.take()

    def corrections(self) -> list[tuple[int, bytes]]:
        """Return the lengths and the checksum of the samples, for the header."""
        return self._output.rewritten

    def release(self) -> None:
        """Do nothing: libsndfile cannot continue a file."""

    def close(self) -> None:
        """Release the encoder."""
        self._file.close()


class Mp3Encoder(FlacEncoder):
    """Encodes MP3 at a constant bit rate with LAME through libsndfile, which takes 20 MB less than FFmpeg.

    Leaves out the first frame, which contains no audio but the length of the file ("Info", "Xing"): a stream does not
    know it, and in the middle of joined files it would be wrong.
    """

    def __init__(self, rate: int, bit_rate: int) -> None:
        import soundfile

        least, most = next(bounds for lowest, bounds in MP3_BIT_RATES if rate >= lowest)
        # libsndfile rejects 1, the lowest bit rate; LAME takes the nearest that it has.
        level = min(0.999, (most - bit_rate / 1000) / (most - least))
        self._output = _SeekableOutput()
        self._file = soundfile.SoundFile(
            *(self._output, "w", rate, 1, "MPEG_LAYER_III"),
            format="MP3",
            compression_level=level,
            bitrate_mode="CONSTANT",
        )
        self._begun = False

    def encode(self, pcm: bytes) -> bytes:
        """Return the frames that are complete."""
        return self._without_info(super().encode(pcm))

    def finish(self) -> bytes:
        """Return the frames that the encoder still holds."""
        return self._without_info(super().finish())

    def corrections(self) -> list[tuple[int, bytes]]:
        """Return none: what libsndfile rewrites is the frame that is left out."""
        return []

    def _without_info(self, data: bytes) -> bytes:
        if self._begun or not data:
            return data
        self._begun = True
        return data[self._output.first_write :]


MP3_BIT_RATE = 64_000
"""Bits per second."""
MP3_BIT_RATES = ((32_000, (32, 320)), (16_000, (8, 160)), (0, (8, 64)))
"""Lowest and highest bit rate (kbit/s) of each version of MPEG audio (1, 2, 2.5), by its lowest sample rate in Hz."""


@dataclass(frozen=True, slots=True)
class Codec:
    """Parameters of FFmpeg: the container (muxer), the codec, and their options."""

    container: str
    name: str
    bit_rate: int
    sample_format: str
    options: dict[str, str]


CODECS = {
    # By default a page contains a second, and the muxer holds one page back; a listener waits for two seconds.
    "opus": Codec("ogg", "libopus", 32_000, "s16", {"page_duration": "60000"}),
    "aac": Codec("adts", "aac", 64_000, "fltp", {}),
}


class CodecEncoder:
    """Encodes with FFmpeg, through PyAV."""

    def __init__(self, codec: Codec, rate: int, bit_rate: int | None = None) -> None:
        self._codec = codec
        self._rate = rate
        self._bit_rate = bit_rate or codec.bit_rate
        self._samples = 0
        self._output = _Output()
        self._open()

    def _open(self) -> None:
        import av

        self._av = av
        options = {**self._codec.options, "flush_packets": "1"}
        self._container: Any = av.open(
            self._output, "w", format=self._codec.container, options=options, buffer_size=BUFFER_BYTES
        )
        self._stream = cast("Any", self._container.add_stream(self._codec.name, rate=self._rate))
        self._stream.layout = "mono"
        self._stream.bit_rate = self._bit_rate
        self._stream.codec_context.thread_count = 1
        self._is_new = True

    def encode(self, pcm: bytes) -> bytes:
        """Return the packets that are complete."""
        samples = np.frombuffer(pcm, dtype="<i2").reshape(1, -1)
        if samples.size:
            frame = self._av.AudioFrame.from_ndarray(self._converted(samples), self._codec.sample_format, "mono")
            frame.sample_rate, frame.time_base, frame.pts = self._rate, Fraction(1, self._rate), self._samples
            self._samples += samples.size
            with one_cpu(first=self._is_new):
                self._mux(frame)
            self._is_new = False
        return self._output.take()

    def _converted(self, samples: Any) -> Any:
        return samples.astype(np.float32) / 32768 if self._codec.sample_format == "fltp" else samples

    def finish(self) -> bytes:
        """Return the packets that the encoder still holds, and the end of the container."""
        if self._samples:
            self._mux(None)
        self.close()
        return self._output.take()

    def _mux(self, frame: Any) -> None:
        for packet in self._stream.encode(frame):
            self._container.mux(packet)

    def corrections(self) -> list[tuple[int, bytes]]:
        """Return none: these formats state no lengths."""
        return []

    def release(self) -> None:
        """Do nothing: the container's pages depend on all before them."""

    def close(self) -> None:
        """Release the encoder, whose memory the stream holds."""
        if self._container is not None:
            self._container.close()
            self._container = self._stream = None


class AacEncoder(CodecEncoder):
    """Encodes AAC in ADTS. FFmpeg's encoder takes 0.7 MB, so ``release`` closes it until the client reads on.

    A packet depends on the samples of a few frames: an encoder that begins ``BEFORE_FRAMES`` earlier continues the
    stream.
    """

    def __init__(self, codec: Codec, rate: int, bit_rate: int | None = None) -> None:
        self._recent = b""
        self._packets = 0
        self._skipped = 0
        self._is_released = False
        super().__init__(codec, rate, bit_rate)

    def encode(self, pcm: bytes) -> bytes:
        """Return the packets that are complete."""
        if self._is_released:
            self._reopen()
        encoded = super().encode(pcm)
        begun = (self._samples % AAC_FRAME + BEFORE_FRAMES * AAC_FRAME) * SAMPLE_BYTES
        self._recent = (self._recent + pcm)[-begun:]
        return encoded

    def finish(self) -> bytes:
        """Return the packets that the encoder still holds."""
        if self._is_released:
            self._reopen()
        return super().finish()

    def release(self) -> None:
        """Close FFmpeg's encoder; the next ``encode`` opens another one."""
        self._is_released = True
        self.close()

    def _reopen(self) -> None:
        self._is_released = False
        self._samples -= len(self._recent) // SAMPLE_BYTES
        self._open()
        # The packets of these samples were returned before.
        self._skipped = self._packets - self._samples // AAC_FRAME
        super().encode(self._recent)

    def _mux(self, frame: Any) -> None:
        for packet in self._stream.encode(frame):
            if self._skipped:
                self._skipped -= 1
            else:
                self._packets += 1
                self._container.mux(packet)


AAC_FRAME = 1024
"""Samples of a packet."""
BEFORE_FRAMES = 4
"""Frames with which an encoder begins before the packets that it returns: the overlap, and what decides on windows."""


@contextmanager
def one_cpu(*, first: bool) -> Iterator[None]:
    """Pin the thread to one CPU while FFmpeg creates the filter graph of a stream, in its ``first`` call.

    PyAV passes audio through a filter graph, which starts a thread for each CPU that the calling thread may use, and
    none for one CPU. PyAV has no option for it. Without this, each stream would hold threads while its client reads.
    """
    if not first or not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


class ResamplingEncoder:
    """Resamples, if the rates differ, and encodes. Thread-safe: ``close`` waits for a running ``encode``."""

    def __init__(self, encoder: Encoder, source_rate: int, rate: int) -> None:
        self._encoder = encoder
        self._lock = threading.Lock()
        self._closed = False
        self._resampler: Any = None
        if source_rate != rate:
            import soxr

            self._resampler = soxr.ResampleStream(source_rate, rate, 1, dtype="float32", quality="HQ")

    def encode(self, pcm: bytes) -> bytes:
        """Return the next bytes of the file; empty after ``close``."""
        with self._lock:
            return b"" if self._closed else self._encoder.encode(self._resample(pcm, last=False))

    def finish(self) -> bytes:
        """Return the last bytes of the file; empty after ``close``."""
        with self._lock:
            if self._closed:
                return b""
            tail = self._resample(b"", last=True)
            return (self._encoder.encode(tail) if tail else b"") + self._encoder.finish()

    def corrections(self) -> list[tuple[int, bytes]]:
        """Return the corrections of the encoder."""
        return self._encoder.corrections()

    def release(self) -> None:
        """Release what the next ``encode`` can make again, once a running call has ended."""
        with self._lock:
            if not self._closed:
                self._encoder.release()

    def close(self) -> None:
        """Release the encoder, once a running call has ended."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._encoder.close()

    def _resample(self, pcm: bytes, *, last: bool) -> bytes:
        if self._resampler is None:
            return pcm
        # As floats, because soxr dithers 16-bit samples: the result would depend on the sizes of the windows.
        samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32)
        # The resampler's buffers grow to the largest chunk, and stay.
        chunks = [samples[at : at + RESAMPLED_AT_ONCE] for at in range(0, len(samples), RESAMPLED_AT_ONCE)]
        parts = [self._resampler.resample_chunk(chunk) for chunk in chunks]
        if last:
            parts.append(self._resampler.resample_chunk(np.empty(0, np.float32), last=True))
        resampled: np.ndarray[Any, Any] = np.concatenate(parts or [samples])
        return bytes(np.rint(resampled).clip(-32768, 32767).astype("<i2").tobytes())


def pcm_seconds(size: int, rate: int) -> float:
    """Return the duration in seconds of ``size`` bytes of mono PCM16."""
    return size / SAMPLE_BYTES / rate
