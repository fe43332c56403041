"""The Wyoming protocol of voice assistants: events of JSON and PCM on a TCP or Unix socket (``manage.py wyoming``)."""
