"""Many listeners in real time: client processes, a measured server, and capacity from the same run."""
