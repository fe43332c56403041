"""Tests of the scripts, and static checks of the code and the documentation."""
