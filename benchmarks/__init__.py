"""What this project promises, measured: ``python -m benchmarks [names...]``. How to read it: docs/benchmarks.md."""
