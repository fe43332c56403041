"""The scripts, and what they and we hold our code to."""
