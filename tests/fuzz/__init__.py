"""Fuzzing: whatever bytes come, there is a result or a refusal of our own, in bounded time. See docs/fuzzing.md."""
