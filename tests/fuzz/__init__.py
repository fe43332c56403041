"""Fuzzing: any bytes give a result or one of our own errors, in bounded time. See docs/fuzzing.md."""
