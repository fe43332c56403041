"""Every defence, and the tests that go red without it: ``python -m tests.defences`` takes each out in turn."""
