"""The command line client, against the real server."""
