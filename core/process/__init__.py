"""The serving process: CPU cores, memory, open connections, and the state it shares with its siblings."""
