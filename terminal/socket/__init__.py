"""The websocket of a tab: messages, speech and themes."""
