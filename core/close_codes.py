"""Codes that close a WebSocket (RFC 6455, section 7.4; 4000 and above are the application's own)."""

POLICY_VIOLATION = 1008
"""Closes a socket that goes on sending whatever it is told: its address has used up what it has, and as much again."""


IDLE_TIMEOUT = 4008


TOO_MANY_CONNECTIONS = 4029
"""Closes a socket for which there is no place."""
