"""What leaves this machine, and who on it may read what is kept."""

from tests.mutation.mutation import mutation

MUTATIONS = [
    mutation(
        "No library sends anything by itself.",
        "synthesis/offline_mode.py",
        {"os.environ.update(VARIABLES)": "os.environ.update({})"},
        "tests/project/test_offline_mode.py::test_the_commands_send_nothing",
    ),
    mutation(
        "What is kept is created for its owner alone.",
        "project/data_dir_permissions.py",
        {"    os.umask(UMASK)\n": ""},
        "tests/project/test_data_dir_permissions.py::test_a_new_installation_is_private_to_its_owner",
    ),
    mutation(
        "What an earlier version left readable is closed.",
        "project/apps.py",
        {"        data_dir_permissions.close(settings.DATA_DIR)\n": ""},
        "tests/project/test_data_dir_permissions.py::test_an_old_installation_is_made_private_and_logged_once",
    ),
]
