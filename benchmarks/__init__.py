"""Benchmarks of the project's performance targets: ``python -m benchmarks [names...]``. See docs/benchmarks.md."""

# The peers import libraries that would send telemetry.
from synthesis import offline_mode as offline_mode
