"""Pronunciation dictionaries: one per account, and the operator's."""
