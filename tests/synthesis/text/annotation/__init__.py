"""Tests of annotated text."""
