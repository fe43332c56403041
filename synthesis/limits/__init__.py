"""Rate limits and concurrency limits of speech requests."""
