"""Backup and restore of DATA_DIR: the database, the voices and, on request, the signing key."""
