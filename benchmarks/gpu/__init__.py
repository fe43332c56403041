"""What one GPU can do, measured on a machine that has Python, torch and no network: docs/performance.md."""
