"""Rate limits, quotas and their subjects."""
