"""The server around the ASGI application: processes, sockets, protocols."""
