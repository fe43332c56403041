"""Tests of the feedback."""
