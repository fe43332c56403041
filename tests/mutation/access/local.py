"""Controls of outbound data and of file permissions."""

from tests.mutation.mutation import mutation

MUTATIONS = [
    mutation(
        "Telemetry of libraries is disabled.",
        "synthesis/offline_mode.py",
        {"os.environ.update(VARIABLES)": "os.environ.update({})"},
        "tests/project/test_offline_mode.py::test_the_commands_send_nothing",
    ),
    mutation(
        "OpenVINO does not report its import to another host.",
        "synthesis/offline_mode.py",
        {'sys.modules["openvino_telemetry"] = None': "pass"},
        "tests/project/test_offline_mode.py::test_the_commands_send_nothing",
    ),
    mutation(
        "Data files are created with access for the owner only.",
        "project/data_dir_permissions.py",
        {"    os.umask(UMASK)\n": ""},
        "tests/project/test_data_dir_permissions.py::test_a_new_installation_is_private_to_its_owner",
    ),
    mutation(
        "Access for other users is removed from data files of earlier versions.",
        "project/apps.py",
        {"        data_dir_permissions.close(settings.DATA_DIR)\n": ""},
        "tests/project/test_data_dir_permissions.py::test_an_old_installation_is_made_private_and_logged_once",
    ),
]
