"""Tests of the monitoring app, of correlation ids and of metrics."""
