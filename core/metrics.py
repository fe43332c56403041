"""The metrics of a serving process, in Prometheus' data model. ``monitoring`` exposes them at ``/metrics``.

All label sets are bounded: codes, directives and names of this server's own, and at most ``MAX_VOICES`` voices. The
code counts per utterance, request or change, never per audio frame; ``monitoring.sampler`` sets the gauges each second.

With several serving processes, the values are in files of ``PROMETHEUS_MULTIPROC_DIR`` that each process reads, named
after the row of the process table, so that a restarted process continues the counters of the one before it.
"""

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, values

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable of ``prometheus_client`` with the directory of the files."""
SLOT = "ALPHANUMERIC_METRICS_SLOT"
"""Environment variable with the row of this process; the parent process sets both."""
MAX_VOICES = 30
"""Voices with series of their own; further ones are counted as ``other``."""

if DIRECTORY in os.environ:
    values.ValueClass = values.MultiProcessValue(lambda: os.environ[SLOT])  # type: ignore[no-untyped-call]

# The times at which series began double their number.
disable_created_metrics()  # type: ignore[no-untyped-call]
REGISTRY = CollectorRegistry()

LATENCIES = (0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0)
"""Upper bounds of histogram buckets, in seconds."""
PAGE_LATENCIES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.5, 4.0, 10.0)
"""The same for the timings of pages."""
_SHORT = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)


def _counter(name: str, help_text: str, *labels: str) -> Counter:
    return Counter(f"alphanumeric_{name}", help_text, labels, registry=REGISTRY)


def _histogram(name: str, help_text: str, *labels: str, buckets: tuple[float, ...] = LATENCIES) -> Histogram:
    return Histogram(f"alphanumeric_{name}", help_text, labels, buckets=buckets, registry=REGISTRY)


def _gauge(name: str, help_text: str, *labels: str, mode: str = "livesum") -> Gauge:
    return Gauge(f"alphanumeric_{name}", help_text, labels, multiprocess_mode=mode, registry=REGISTRY)  # type: ignore[arg-type]


UTTERANCES = _counter("utterances", "Utterances by outcome: done, cancelled or an error code.", "transport", "outcome")
FIRST_AUDIO = _histogram(
    "first_audio_seconds", "From the request to the first audio, with the wait.", "transport", "cached"
)
# Apart from the other labels, because each histogram has a dozen series.
VOICE_FIRST_AUDIO = _histogram("voice_first_audio_seconds", "The same, by voice, without cached segments.", "voice")
QUEUE_WAIT = _histogram(
    "queue_wait_seconds", "Wait of utterances for capacity.", buckets=(0.01, 0.1, 0.5, 1, 5, 15, 60)
)
AUDIO = _counter("audio_seconds", "Seconds of synthesized audio.", "voice")
CHARACTERS = _counter("characters", "Characters of utterances.")
SEGMENTS = _counter("segment_cache_lookups", "Look-ups in the segment cache: hit or miss.", "result")
UNDERRUNS = _counter("underruns", "Times at which a listener's buffer ran empty, as clients of the socket reported.")
ERRORS = _counter("client_errors", "Errors that clients received, by code.", "transport", "code")
REFUSALS = _counter("limit_refusals", "Requests that a limit refused, by the limit's error code.", "limit")
CSP_REPORTS = _counter("csp_reports", "Violations of the Content Security Policy that browsers reported.", "directive")
SIGN_INS = _counter("sign_ins", "Sign-ins by outcome: done, failed or throttled.", "outcome")
THEME_CHANGES = _histogram("theme_change_seconds", "From a tab's theme change to its acknowledgment.")
HTTP_REQUESTS = _counter("http_requests", "HTTP responses by area and class of status.", "area", "status")

PAGE_TIMES = _histogram(
    "page_seconds", "Timings of the page in browsers, in a sample of its loads.", "measure", buckets=PAGE_LATENCIES
)
PAGE_ERRORS = _counter("page_errors", "Errors of the page's scripts, in the same sample.")
PAGE_REPORTS = _counter("page_reports", "Reports of browsers with these timings.")

RATINGS = _counter("ratings", "Ratings of users, from 1 to 5.", "score")
READING_REPORTS = _counter("reading_reports", "Texts that users reported as read wrongly.")

LOOP_LAG = _histogram("event_loop_lag_seconds", "Delay of a timer of the event loop.", buckets=_SHORT)
DATABASE = _histogram("database_seconds", "Time of a trivial query, with its wait for a thread.", buckets=_SHORT)
REDIS = _histogram("redis_seconds", "Time of a read from Redis.", buckets=_SHORT)
JOBS = _counter("jobs", "Jobs that the workers took.")
JOB_WAIT = _counter("job_wait_seconds", "Seconds that jobs waited for a worker.")
BATCHES = _counter("batches", "Batches by size.", "size")
GPU_BATCHES = _counter("gpu_batches", "Batches that a GPU computed, by network.", "program")
GPU_ITEMS = _counter("gpu_items", "Segments and windows in these batches.", "program")
GPU_TIME = _counter("gpu_seconds", "Seconds of the GPU for these batches.", "program")
GPU_REBUILDS = _counter("gpu_rebuilds", "Engines that were built again because the GPU failed.")

READY = _gauge("ready_processes", "Processes that can speak immediately.")
SOCKETS = _gauge("sockets", "Open sockets of tabs.")
RUNNING = _gauge("utterances_running", "Admitted utterances.")
WAITING = _gauge("utterances_waiting", "Utterances that wait for capacity.")
LONGEST_WAIT = _gauge("longest_wait_seconds", "Longest expected wait.", mode="livemax")
LOAD = _gauge("load_ratio", "Share of the workers' time that running utterances need.", mode="livemax")
TARGET_LOAD = _gauge("target_load_ratio", "Share above which utterances wait.", mode="livemax")
REAL_TIME_FACTOR = _gauge(
    "real_time_factor", "Seconds of a worker per second of audio, as a moving average.", mode="livemax"
)
WORKERS = _gauge("workers", "Running synthesis workers.")
QUEUED_JOBS = _gauge("queued_jobs", "Jobs that wait for a worker.")
RESIDENT = _gauge("resident_bytes", "Resident memory.")
MEMORY_LIMIT = _gauge("memory_limit_bytes", "Sum of the processes' memory limits.")
CACHE_BYTES = _gauge("segment_cache_bytes", "Size of the segment cache.")
VOICES = _gauge("voices_loaded", "Voices in memory.")
GPU_LOST = _gauge("gpu_lost_voices", "Voices that the processor speaks because the GPU failed.")
GPU_MEMORY = _gauge("gpu_memory_bytes", "GPU memory: used by tensors, and reserved by the processes.", "kind")
GPU_LATENTS = _gauge("gpu_latents_ratio", "Used share of the fullest table of latents.", mode="livemax")
DISK_FREE = _gauge("disk_free_bytes", "Free space of the disk with DATA_DIR.", mode="livemin")
REDIS_UP = _gauge("redis_up", "Whether Redis can be reached; 1 without Redis.", mode="livemin")

_voices: set[str] = set()


def voice_label(voice_id: str) -> str:
    """Return the label of an installed voice."""
    if voice_id not in _voices:
        if len(_voices) >= MAX_VOICES:
            return "other"
        _voices.add(voice_id)
    return voice_id
