"""Storage that processes share: the database, Redis, and file locks."""
