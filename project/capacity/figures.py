"""The figures that capacity planning uses, each with its unit and its source. Pure."""

from dataclasses import dataclass, fields, replace

CORES_PER_PROCESS = 4
"""Cores of one serving process with ``SERVER_PROCESSES=auto`` (docs/configuration.md)."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A value, its unit, what it is, and the measurement, setting or assumption that it comes from."""

    value: float
    unit: str
    meaning: str
    source: str


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures. A field with an option of the same name can be replaced (``with_values``)."""

    core_s: Figure = Figure(
        0.073,
        "core seconds",
        "synthesis of a second of audio with ONNX Runtime",
        "docs/performance.md, Overload: 2 idle cores of an AMD EPYC synthesize for 27.4 listeners",
    )
    openvino_ratio: Figure = Figure(
        0.65,
        "",
        "the same with OpenVINO, relative to ONNX Runtime",
        "docs/performance.md, A faster engine: 0.56 to 0.65 in the windows of many listeners; the upper end",
    )
    loop_s: Figure = Figure(
        0.0013,
        "core seconds",
        "event loop of a serving process for a second of audio",
        "docs/performance.md, Connections and short texts: 1.21 and 1.32 ms",
    )
    gpu_listeners: Figure = Figure(
        1500,
        "listeners",
        "on one NVIDIA H100 without an underrun, the largest number that was tried",
        "docs/performance.md, GPU, run 2: fp32, 8 processes with MPS",
    )
    gpu_core_s: Figure = Figure(
        0.0021,
        "core seconds",
        "processor time of the servers on a GPU machine for a second of audio",
        "docs/performance.md, GPU: 3.14 cores for 1,500 listeners",
    )
    gpu_processes: Figure = Figure(8, "processes", "serving processes for each GPU", "docs/performance.md, GPU, run 2")
    process_mb: Figure = Figure(
        252, "MB", "peak memory of a serving process with one voice", "docs/performance.md: 100 utterances, version 0.2"
    )
    gpu_process_mb: Figure = Figure(
        6000,
        "MB",
        "memory of a serving process with torch, at most",
        "default of MEMORY_LIMIT_MB for cuda (docs/configuration.md); not measured",
    )
    listener_mb: Figure = Figure(
        1.1,
        "MB",
        "memory of a listener: an utterance and an MP3 or Opus encoder",
        "docs/performance.md, Slow downloads: 0.67 and 0.42 to 0.56 MB, without the heap's free memory",
    )
    pcm_kbit_s: Figure = Figure(
        363,
        "kbit/s",
        "PCM16 of a listener of the websocket, 22,050 Hz",
        "docs/protocol.md: 16 bits for each sample; 3 % for frames, TCP and IP are assumed",
    )
    mp3_kbit_s: Figure = Figure(
        72,
        "kbit/s",
        "MP3 of a listener of the HTTP API",
        "docs/performance.md, Slow downloads: 2 MB hold four minutes; 3 % for TCP and IP are assumed",
    )
    target_load: Figure = Figure(
        0.9, "", "share of the workers' time that utterances may need", "default of SYNTHESIS_TARGET_LOAD"
    )
    loop_load: Figure = Figure(
        0.6,
        "",
        "share of an event loop's time that may be used",
        "assumed: above it, queueing at random arrivals delays messages by more than their own time",
    )

    def with_values(self, values: dict[str, float], source: str) -> "Figures":
        """Return these figures with other ``values`` by field name, which come from ``source``."""
        own = {name: replace(getattr(self, name), value=value, source=source) for name, value in values.items()}
        return replace(self, **own)

    def rows(self) -> list[tuple[str, Figure]]:
        """Return all figures with their names."""
        return [(each.name, getattr(self, each.name)) for each in fields(self)]


_COUNTED = "counted with a real server, Redis and PostgreSQL, 2026-11-27 (docs/scaling.md)"
_BUSY = "measured on a busy machine with 2 cores, 2026-11-27 (docs/scaling.md)"


@dataclass(frozen=True, slots=True)
class Costs:
    """The costs of events, and the limits of one instance."""

    redis_utterance: Figure = Figure(
        11, "commands", "Redis: an utterance", "core/limits/quotas.py: 3 for each of 3 quotas, 2 for the lease"
    )
    redis_handshake: Figure = Figure(5, "commands", "Redis: a tab connects", f"{_COUNTED}: 2 leases, 3 subscriptions")
    redis_tab: Figure = Figure(
        0.1, "commands/s", "Redis: renewals of a tab's leases", f"{_COUNTED}: 2 leases, every 20 s"
    )
    redis_theme: Figure = Figure(2, "commands", "Redis: a theme change", "assumed: a quota and one PUBLISH")
    queries_handshake: Figure = Figure(3.4, "queries", "PostgreSQL: a tab connects", _COUNTED)
    queries_theme: Figure = Figure(4, "queries", "PostgreSQL: a theme change", "assumed")
    queries_process: Figure = Figure(
        12, "queries/s", "PostgreSQL: a process that refreshes limits and voices", f"{_COUNTED}: 248 in 20 s"
    )
    redis_limit: Figure = Figure(
        50_000, "commands/s", "Redis: one server", f"{_BUSY}: redis-benchmark, 40,000 to 62,000"
    )
    deliveries_limit: Figure = Figure(
        50_000, "deliveries/s", "Redis: messages to subscribers", "assumed to cost as much as commands"
    )
    database_limit: Figure = Figure(
        16_000, "queries/s", "PostgreSQL: one server", f"{_BUSY}: pgbench, reads of single rows, 8 clients"
    )
    database_connections: Figure = Figure(
        100, "connections", "PostgreSQL: one server", "default of max_connections (PostgreSQL manual, section 19.3)"
    )
    connections_process: Figure = Figure(
        3, "connections", "PostgreSQL: a process", f"{_COUNTED}: 20 tabs; at most DATABASE_CONNECTIONS (10)"
    )
    redis_connections_process: Figure = Figure(4, "connections", "Redis: a process", f"{_COUNTED}: 20 tabs")
    redis_clients: Figure = Figure(
        10_000, "connections", "Redis: one server", "default of maxclients (redis.conf of Redis 7)"
    )
    handshake_s: Figure = Figure(
        0.0032,
        "core seconds",
        "a handshake, in all threads of a serving process",
        "docs/performance.md, Connections and short texts: 2.9 to 3.2 ms",
    )
    balancer_gbit_s: Figure = Figure(10, "Gbit/s", "load balancer: its network interface", "assumed")
    balancer_sockets: Figure = Figure(
        28_000,
        "sockets",
        "load balancer: to one address and port of a machine",
        "Linux' default net.ipv4.ip_local_port_range: 32768 to 60999",
    )
    balancer_handshakes: Figure = Figure(
        8_000,
        "handshakes/s",
        "load balancer: TLS on 4 cores",
        "assumed: 2,000 for each core; openssl speed signs 51,000 with ECDSA P-256 on one",
    )

    def rows(self) -> list[tuple[str, Figure]]:
        """Return all figures with their names."""
        return [(each.name, getattr(self, each.name)) for each in fields(self)]


REMEDIES = {
    ("PostgreSQL", "connections"): "lower DATABASE_CONNECTIONS, raise max_connections, or use GPUs: fewer processes",
    ("load balancer", "Gbit/s"): "several load balancers by DNS; MP3 or Opus over HTTP needs a fifth of it",
    ("load balancer", "sockets"): "several listening addresses for each machine",
    ("load balancer", "handshakes/s"): "several load balancers by DNS: when one fails, fewer tabs reconnect",
    ("Redis", "commands/s"): "group listeners into clusters, each with its own Redis (limits count in each)",
    ("Redis", "clients"): "raise maxclients",
    ("Redis", "deliveries/s"): "clusters, as above",
    ("PostgreSQL", "queries/s"): "clusters, GPUs (fewer processes), or a longer refresh of limits and voices",
}
"""What to do about each limit."""
