"""Voices that somebody else made."""

from tests.mutation.mutation import mutation

CHECKPOINT = "tests/synthesis/voices/test_coqui_import.py"
COMMANDS = "tests/synthesis/voices/test_commands.py"
PIPER = "tests/synthesis/voices/test_piper_import.py"

MUTATIONS = [
    mutation(
        "Voices are installed at the command line alone.",
        "synthesis/admin.py",
        {'which also writes their files."""\n        return False': '..."""\n        return True'},
        "tests/synthesis/test_admin.py::test_files_come_and_go_with_the_command_alone",
    ),
    mutation(
        "A voice's id is no path.",
        "synthesis/voices/installer.py",
        {"if not re.fullmatch(VOICE_ID, id):": "if False:"},
        f"{COMMANDS}::test_an_id_is_no_path",
    ),
    mutation(
        "Nothing in a checkpoint is executed.",
        "synthesis/voice_files/weights_reader.py",
        {"weights_only=True, mmap=True": "weights_only=False", "    _check_archive(path)\n    try": "    try"},
        f"{CHECKPOINT}::test_a_pickle_that_runs_something_is_refused_and_runs_nothing",
        f"{CHECKPOINT}::test_a_bare_pickle_is_refused",
    ),
    mutation(
        "A checkpoint that is compressed, and may unfold to any size, is refused.",
        "synthesis/voice_files/weights_reader.py",
        {"any(entry.compress_type != zipfile.ZIP_STORED for entry in entries) or ": ""},
        f"{CHECKPOINT}::test_a_compressed_archive_is_refused_unread",
    ),
    mutation(
        "A checkpoint with far more structure than a voice has is refused.",
        "synthesis/voice_files/weights_reader.py",
        {" or structure > MAX_STRUCTURE_BYTES": ""},
        f"{CHECKPOINT}::test_far_too_much_structure_is_refused_unread",
    ),
    mutation(
        "A checkpoint over the limit is refused unread.",
        "synthesis/voice_files/weights_reader.py",
        {"if size > MAX_BYTES:": "if False:"},
        f"{CHECKPOINT}::test_a_file_over_the_limit_is_refused_unread",
    ),
    mutation(
        "A checkpoint holds what it declares.",
        "synthesis/voice_files/weights_reader.py",
        {" or sum(map(_own_bytes, weights.values())) > size": ""},
        f"{CHECKPOINT}::test_weights_that_do_not_fit_are_refused_by_name",
    ),
    mutation(
        "No class that a configuration names is imported.",
        "synthesis/voices/importers/coqui_checkpoint_config.py",
        {"if name not in _VOCABULARIES:": "if False:"},
        f"{CHECKPOINT}::test_settings_that_do_not_fit_are_refused",
    ),
    mutation(
        "No file that a configuration names is opened.",
        "synthesis/voices/importers/coqui_checkpoint.py",
        {
            "network = model_args(": (
                'named = read_object(config_path, "it")["model_args"].get("speakers_file")\n'
                "    speakers_path = speakers_path or (Path(named) if named else None)\n"
                "    network = model_args("
            )
        },
        f"{CHECKPOINT}::test_no_file_that_the_configuration_names_is_opened",
    ),
    mutation(
        "A configuration over the limit is refused.",
        "synthesis/voice_files/json_reader.py",
        {"if len(content) > MAX_BYTES:": "if False:"},
        f"{PIPER}::test_a_json_file_of_100_megabytes_is_refused",
    ),
    mutation(
        "A configuration's numbers have bounds.",
        "synthesis/voice_files/json_reader.py",
        {"or not isinstance(value, int) or not low <= value <= high:": "or not isinstance(value, int):"},
        f"{PIPER}::test_settings_that_do_not_fit_are_refused",
        f"{CHECKPOINT}::test_settings_that_do_not_fit_are_refused",
    ),
    mutation(
        "What is not a number is none.",
        "synthesis/voice_files/json_reader.py",
        {"if not right_type or not low <= value <= high:": "if not right_type or value < low or value > high:"},
        f"{PIPER}::test_settings_that_do_not_fit_are_refused",
        f"{CHECKPOINT}::test_settings_that_do_not_fit_are_refused",
    ),
    mutation(
        "A configuration that ends the parser's stack is refused like any other.",
        "synthesis/voice_files/json_reader.py",
        {"except (ValueError, RecursionError) as error:": "except ValueError as error:"},
        f"{PIPER}::test_what_is_no_json_object_is_refused",
    ),
    mutation(
        "An ONNX file over the limit is refused unread.",
        "synthesis/voice_files/onnx_precheck.py",
        {"if size > MAX_BYTES:": "if False:"},
        f"{PIPER}::test_a_file_over_the_limit_is_refused_unread",
    ),
    mutation(
        "An ONNX file that would unfold in memory is refused unparsed.",
        "synthesis/voice_files/onnx_precheck.py",
        {"if size - weights > MAX_STRUCTURE_BYTES:": "if False:", "if count > MAX_FIELDS:": "if False:"},
        f"{PIPER}::test_a_file_that_would_unfold_in_memory_is_refused_unparsed",
    ),
    mutation(
        "Nothing that an ONNX file names is opened.",
        "synthesis/voice_files/onnx_reader.py",
        {
            "load_external_data=False": "load_external_data=True",
            "if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:": "if False:",
            " or tensor.external_data:": ":",
        },
        f"{PIPER}::test_a_network_that_does_not_fit_is_refused_by_name",
    ),
    mutation(
        "A weight has the size that it declares, before anything is allocated.",
        "synthesis/voice_files/onnx_reader.py",
        {"if any(size < 1 for size in tensor.dims) or math.prod(tensor.dims) != length:": "if False:"},
        f"{PIPER}::test_a_network_that_does_not_fit_is_refused_by_name",
    ),
    mutation(
        "An ONNX file's names are text.",
        "synthesis/voice_files/onnx_reader.py",
        {"if not all(isinstance(name, str) for name in _names(model.graph)):": "if False:"},
        "tests/fuzz/test_fuzz.py::test_what_was_found_once",
    ),
]
