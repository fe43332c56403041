"""Finds voices in the public catalogs of Piper, Coqui and MMS, and downloads their files.

This package makes the only connections to other hosts: on an explicit command, or a click in the admin.
"""
