"""What leaves this machine, and who on it may read what is kept."""

from tests.defences.defence import defence

DEFENCES = [
    defence(
        "No library sends anything by itself.",
        "synthesis/offline.py",
        {"os.environ.update(VARIABLES)": "os.environ.update({})"},
        "tests/project/test_outgoing.py::test_the_commands_send_nothing",
    ),
]
