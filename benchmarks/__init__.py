"""What this project promises, measured: ``python -m benchmarks [names...]``. How to read it: docs/benchmarks.md."""

# The peers import libraries that would send telemetry.
from synthesis import offline_mode as offline_mode
