"""The command line client of Alphanumeric: a package of its own, without the server's code and dependencies."""
