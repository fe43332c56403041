"""Speech over HTTP."""
