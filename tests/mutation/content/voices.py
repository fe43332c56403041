"""Controls of untrusted voice files."""

from tests.mutation.mutation import mutation

CHECKPOINT = "tests/synthesis/voices/test_coqui_import.py"
COMMANDS = "tests/synthesis/voices/test_commands.py"
SOURCES = "tests/synthesis/voices/test_sources.py"
PIPER = "tests/synthesis/voices/test_piper_import.py"

MUTATIONS = [
    mutation(
        "A path as the id of a voice is rejected (path traversal).",
        "synthesis/voices/installer.py",
        {"if not re.fullmatch(VOICE_ID, id):": "if False:"},
        f"{COMMANDS}::test_an_id_is_no_path",
    ),
    mutation(
        "Code in a checkpoint is not executed (unsafe deserialization).",
        "synthesis/voice_files/weights_reader.py",
        {"weights_only=True, mmap=True": "weights_only=False", "    _check_archive(path)\n    try": "    try"},
        f"{CHECKPOINT}::test_a_pickle_that_runs_something_is_refused_and_runs_nothing",
        f"{CHECKPOINT}::test_a_bare_pickle_is_refused",
        f"{CHECKPOINT}::test_a_speakers_file_that_does_not_fit_is_refused",
    ),
    mutation(
        "A compressed checkpoint is rejected (decompression bomb).",
        "synthesis/voice_files/weights_reader.py",
        {"any(entry.compress_type != zipfile.ZIP_STORED for entry in entries) or ": ""},
        f"{CHECKPOINT}::test_a_compressed_archive_is_refused_unread",
    ),
    mutation(
        "The number of objects in a checkpoint is limited.",
        "synthesis/voice_files/weights_reader.py",
        {" or structure > MAX_STRUCTURE_BYTES": ""},
        f"{CHECKPOINT}::test_far_too_much_structure_is_refused_unread",
    ),
    mutation(
        "A checkpoint over the size limit is rejected before it is read.",
        "synthesis/voice_files/weights_reader.py",
        {"if size > MAX_BYTES:": "if False:"},
        f"{CHECKPOINT}::test_a_file_over_the_limit_is_refused_unread",
    ),
    mutation(
        "The tensors of a checkpoint must have their declared sizes.",
        "synthesis/voice_files/weights_reader.py",
        {"if sum(map(_own_bytes, weights.values())) > size:": "if False:"},
        f"{CHECKPOINT}::test_weights_that_do_not_fit_are_refused_by_name",
    ),
    mutation(
        "Classes that a configuration names are not imported.",
        "synthesis/voices/importers/coqui_checkpoint_config.py",
        {"if name not in _VOCABULARIES:": "if False:"},
        f"{CHECKPOINT}::test_settings_that_do_not_fit_are_refused",
    ),
    mutation(
        "Files that a configuration names are not opened.",
        "synthesis/voices/importers/coqui_checkpoint.py",
        {
            "network = model_args(": (
                "from synthesis.voice_files.json_reader import read_object\n"
                '    named = read_object(config_path, "it")["model_args"].get("speakers_file")\n'
                "    speakers_path = speakers_path or (Path(named) if named else None)\n"
                "    network = model_args("
            )
        },
        f"{CHECKPOINT}::test_no_file_that_the_configuration_names_is_opened",
    ),
    mutation(
        "A configuration over the size limit is rejected.",
        "synthesis/voice_files/json_reader.py",
        {"if len(content) > MAX_BYTES:": "if False:"},
        f"{PIPER}::test_a_json_file_of_100_megabytes_is_refused",
    ),
    mutation(
        "Numbers of a configuration must be within their bounds.",
        "synthesis/voice_files/json_reader.py",
        {"or not isinstance(value, int) or not low <= value <= high:": "or not isinstance(value, int):"},
        f"{PIPER}::test_settings_that_do_not_fit_are_refused",
        f"{CHECKPOINT}::test_settings_that_do_not_fit_are_refused",
    ),
    mutation(
        "Values of a configuration that are not numbers are rejected.",
        "synthesis/voice_files/json_reader.py",
        {"if not right_type or not low <= value <= high:": "if not right_type or value < low or value > high:"},
        f"{PIPER}::test_settings_that_do_not_fit_are_refused",
        f"{CHECKPOINT}::test_settings_that_do_not_fit_are_refused",
    ),
    mutation(
        "A configuration that exceeds the parser's recursion limit is rejected.",
        "synthesis/voice_files/json_reader.py",
        {"except (ValueError, RecursionError) as error:": "except ValueError as error:"},
        f"{PIPER}::test_other_json_than_an_object_is_rejected",
    ),
    mutation(
        "Comments in a configuration are skipped in linear time (denial of service).",
        "synthesis/voice_files/json_reader.py",
        {r'(?:"|\\?\Z)|//': '"|//'},
        f"{SOURCES}::test_comments_take_linear_time",
    ),
    mutation(
        "A model card is read in linear time (denial of service).",
        "synthesis/voices/model_card.py",
        {r"[ \t]*+(?:[*-][ \t]*+)?": r"[ \t]*(?:[*-]?[ \t]*)"},
        f"{SOURCES}::test_a_model_card_takes_linear_time",
    ),
    mutation(
        "A license from a voice's files contains no control characters (terminal escape injection).",
        "synthesis/voices/model_card.py",
        {"if char.isprintable()": ""},
        f"{SOURCES}::test_the_license_is_read_from_the_voices_files",
    ),
    mutation(
        "Speaker names contain no control characters (terminal escape injection).",
        "synthesis/voices/importers/metadata.py",
        {'for char in " ".join(name.split()) if char.isprintable())': 'for char in " ".join(name.split()))'},
        f"{PIPER}::test_speakers_of_a_piper_voice",
    ),
    mutation(
        "Messages of the installer contain no control characters (terminal escape injection).",
        "synthesis/management/commands/voice.py",
        {'char if char.isprintable() or char == "\\n" else "\\N{REPLACEMENT CHARACTER}"': "char"},
        f"{COMMANDS}::test_names_of_files_do_not_control_the_terminal",
    ),
    mutation(
        "An ONNX file over the size limit is rejected before it is read.",
        "synthesis/voice_files/onnx_precheck.py",
        {"if size > MAX_BYTES:": "if False:"},
        f"{PIPER}::test_a_file_over_the_limit_is_refused_unread",
    ),
    mutation(
        "An ONNX file that would expand in memory is rejected before it is parsed.",
        "synthesis/voice_files/onnx_precheck.py",
        {"if size - weights > MAX_STRUCTURE_BYTES:": "if False:", "if count > MAX_FIELDS:": "if False:"},
        f"{PIPER}::test_a_file_that_would_unfold_in_memory_is_refused_unparsed",
    ),
    mutation(
        "Files that an ONNX file names are not opened.",
        "synthesis/voice_files/onnx_reader.py",
        {
            "load_external_data=False": "load_external_data=True",
            "if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:": "if False:",
            " or tensor.external_data:": ":",
        },
        f"{PIPER}::test_a_network_that_does_not_fit_is_refused_by_name",
    ),
    mutation(
        "The declared size of a weight is checked before memory is allocated.",
        "synthesis/voice_files/onnx_reader.py",
        {"if any(size < 1 for size in tensor.dims) or math.prod(tensor.dims) != length:": "if False:"},
        f"{PIPER}::test_a_network_that_does_not_fit_is_refused_by_name",
    ),
    mutation(
        "Names in an ONNX file must be valid text.",
        "synthesis/voice_files/onnx_reader.py",
        {"if not all(isinstance(name, str) for name in _names(model.graph)):": "if False:"},
        "tests/fuzz/test_fuzz.py::test_the_corpus_passes",
    ),
]
