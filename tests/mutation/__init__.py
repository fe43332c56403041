"""Mutation tests of the security controls: ``python -m tests.mutation`` disables each and checks that a test fails."""
