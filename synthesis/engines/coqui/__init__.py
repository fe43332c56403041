"""The torch networks, for GPUs, for the compiler, and as the reference implementation."""
