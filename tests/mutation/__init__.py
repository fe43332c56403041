"""Every security control, and the tests that go red without it: ``python -m tests.mutation`` takes each out in turn."""
