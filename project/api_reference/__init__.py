"""The descriptions of the API for programs (AsyncAPI) and, at ``/help/api/``, for people."""
