"""Imports Piper and Coqui voices as checkpoints."""
