"""WebSocket close codes (RFC 6455, section 7.4; 4000 and above are the application's own)."""

GOING_AWAY = 1001
"""Closes the sockets of a server that stops: clients reconnect, to another process or to the restarted server."""

POLICY_VIOLATION = 1008
"""Closes a socket that keeps flooding the server; the address's token bucket is overdrawn as a penalty."""

TRY_AGAIN = 1013
"""Closes a socket that the server cannot serve for now, such as during an outage of the database."""

INVALID_REQUEST = 4000
"""Closes the socket of a dialect whose request failed; an error message precedes it."""

UNAUTHORIZED = 4001
"""Closes a socket of the API whose client may not use it, or whose path is unknown; an error precedes it."""

IDLE_TIMEOUT = 4008
"""Closes a socket whose client has sent no message for ``idle_timeout_s`` seconds."""

TOO_MANY_CONNECTIONS = 4029
"""Closes a new socket whose user or address has as many open as ``max_connections`` permits; an error precedes it."""
