"""Programs that speak with client libraries, unchanged, in environments of their own (``make clients``)."""
