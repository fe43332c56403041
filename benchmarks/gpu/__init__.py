"""Benchmarks of one GPU, for a machine that has Python, torch and no network: docs/performance.md."""
