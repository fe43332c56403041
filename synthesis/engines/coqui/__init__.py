"""The torch network: for GPUs, for the compiler, and as the reference."""
