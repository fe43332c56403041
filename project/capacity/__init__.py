"""Capacity planning: what a number of listeners needs, from measured figures, and where many machines reach a limit."""
