"""Load test with many listeners in real time: client processes, a measured server, and its capacity."""
