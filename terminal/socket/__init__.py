"""The WebSocket of a tab: messages, speech and themes."""
