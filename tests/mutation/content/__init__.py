"""Mutation entries."""
