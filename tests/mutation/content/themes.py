"""Controls of untrusted theme files."""

from tests.mutation.mutation import mutation

HOSTILE = "tests/themes/formats/test_hostile.py"
LOOK = "tests/terminal/test_theme_session.py"
FUZZ = "tests/fuzz/test_fuzz.py"
PARSERS = "tests/themes/formats/test_parsers.py"
TOLERANCE = "tests/themes/formats/test_tolerance.py"
BOMBS = f"{PARSERS}::TestBinaryPropertyLists::test_bombs_and_malformed_files"
NESTED = f"{PARSERS}::test_nested_files_are_refused_in_time"

MUTATIONS = [
    mutation(
        "The size of a theme file is limited to 50 KB before it is parsed.",
        "themes/formats/decoding.py",
        {"if len(data) > MAX_THEME_BYTES:": "if False:"},
        f"{HOSTILE}::test_a_large_file_is_rejected_before_parsing",
    ),
    mutation(
        "The size of a binary property list is limited before it is parsed.",
        "themes/formats/parsers/syntax.py",
        {"        check_size(data)\n": ""},
        f"{PARSERS}::TestBinaryPropertyLists::test_a_large_file_is_refused_before_it_is_parsed",
    ),
    mutation(
        "The number of values in a binary property list is limited (references that expand to billions).",
        "themes/formats/parsers/binary_plist.py",
        {"if self.values > _MAX_VALUES:": "if self.values > 3_000_000:"},
        f"{PARSERS}::TestBinaryPropertyLists::test_bombs_are_refused_in_time",
    ),
    mutation(
        "Nested binary property lists, which can contain themselves, are rejected.",
        "themes/formats/parsers/binary_plist.py",
        {"if depth > _DEEPEST:": "if False:"},
        BOMBS,
    ),
    mutation(
        "The text of a binary property list is limited (one text that many objects contain).",
        "themes/formats/parsers/binary_plist.py",
        {"if self.bytes > _MAX_BYTES:": "if False:"},
        BOMBS,
    ),
    mutation(
        "Keys of many parts in TOML are rejected (quadratic time).",
        "themes/formats/parsers/toml_parser.py",
        {'if line.count(".") > _MAX_DOTS:': "if False:"},
        NESTED,
    ),
    mutation(
        "Deeply nested TOML is rejected.",
        "themes/formats/parsers/toml_parser.py",
        {"except RecursionError:": "except KeyError:"},
        NESTED,
    ),
    mutation(
        "Objects of a script that contain each other are read in a bounded number of steps.",
        "themes/formats/slots.py",
        {"for _ in range(_MAX_STEPS):": "while True:"},
        f"{PARSERS}::test_objects_that_contain_each_other_are_read_in_time",
    ),
    mutation(
        "Strings, comments and code are read in linear time.",
        "themes/formats/json_parser.py",
        {'(?:"|\\\\?\\Z)|//[^\\n]*+|/\\*.*?(?:\\*/|\\Z)': '"|//[^\\n]*+|/\\*.*?\\*/'},
        f"{PARSERS}::test_time_grows_with_the_size_only",
    ),
    mutation(
        "The number of schemes of a file is limited.",
        "themes/formats/registry.py",
        {"if len(found) > MAX_SCHEMES:": "if False:"},
        f"{TOLERANCE}::TestWindowsTerminal::test_at_most_a_hundred_schemes",
    ),
    mutation(
        "The number of ignored keys that a response names is limited.",
        "themes/formats/parsed.py",
        {"if len(self.ignored) < _MAX_IGNORED:": "if True:"},
        f"{TOLERANCE}::TestKeys::test_the_number_of_named_keys_is_bounded",
    ),
    mutation(
        "A theme file that is not text is rejected.",
        "themes/formats/decoding.py",
        {"except UnicodeDecodeError as error:": "except KeyError as error:"},
        f"{HOSTILE}::test_malformed_files",
    ),
    mutation(
        "Entities in property lists are rejected (entity expansion).",
        "themes/formats/plist_parser.py",
        {
            "if found := _DECLARATIONS.search(text):": "if False:",
            'if name != "plist" or subset or not of_apple:': "if False:",
            "self.parser.EntityDeclHandler = self._entity": "pass",
        },
        f"{HOSTILE}::test_declarations_and_entities_are_refused",
    ),
    mutation(
        "Document types other than that of property lists are rejected.",
        "themes/formats/plist_parser.py",
        {'if name != "plist" or subset or not of_apple:': "if False:"},
        f"{HOSTILE}::test_declarations_and_entities_are_refused",
    ),
    mutation(
        "Nested property lists are rejected.",
        "themes/formats/plist_parser.py",
        {"if len(self.open) >= _DEEPEST:": "if False:"},
        f"{PARSERS}::test_a_nested_property_list_is_refused",
    ),
    mutation(
        "Long keys in property lists are rejected.",
        "themes/formats/plist_parser.py",
        {'if self.element == "key" and len(characters) > room:': "if False:"},
        f"{HOSTILE}::test_iterm2",
    ),
    mutation(
        "Unexpected elements in property lists are rejected.",
        "themes/formats/plist_parser.py",
        {'raise unreadable_file(f"A property list must': 'self.element = name; str(f"'},
        f"{HOSTILE}::test_iterm2",
    ),
    mutation(
        "Invalid numbers in property lists are rejected.",
        "themes/formats/iterm2.py",
        {" or not 0 <= value <= 1:": ":"},
        f"{HOSTILE}::test_iterm2_components_are_from_0_to_1",
    ),
    mutation(
        "Anchors in YAML are rejected (alias expansion).",
        "themes/formats/yaml_parser.py",
        {"if isinstance(event, yaml.NodeEvent) and event.anchor is not None:": "if False:"},
        f"{HOSTILE}::test_unsupported_yaml_is_rejected",
    ),
    mutation(
        "Tags in YAML are rejected (object construction).",
        "themes/formats/yaml_parser.py",
        {"if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag is not None:": "if False:"},
        f"{HOSTILE}::test_unsupported_yaml_is_rejected",
    ),
    mutation(
        "Nested YAML is rejected.",
        "themes/formats/yaml_parser.py",
        {"if depth > _DEEPEST:": "if False:"},
        f"{HOSTILE}::test_unsupported_yaml_is_rejected",
        f"{HOSTILE}::test_malformed_files",
    ),
    mutation(
        "The number of YAML entries is limited.",
        "themes/formats/yaml_parser.py",
        {"if number > _EVENTS:": "if False:"},
        f"{HOSTILE}::test_unsupported_yaml_is_rejected",
    ),
    mutation(
        "Every error of the YAML parser rejects the file.",
        "themes/formats/yaml_parser.py",
        {"except (yaml.YAMLError, ValueError, OverflowError):": "except yaml.YAMLError:"},
        f"{FUZZ}::test_the_corpus_passes",
    ),
    mutation(
        "Deeply nested JSON is rejected.",
        "themes/formats/json_parser.py",
        {"if depth > _DEEPEST:": "if False:"},
        f"{HOSTILE}::test_malformed_files",
    ),
    mutation(
        "Values outside the JSON standard (NaN, Infinity) are rejected.",
        "themes/formats/json_parser.py",
        {", parse_constant=_no_constant)": ")"},
        f"{HOSTILE}::test_malformed_files",
    ),
    mutation(
        "Duplicate JSON keys are rejected, because parsers disagree on which value they use.",
        "themes/formats/json_parser.py",
        {"if level.key in level.seen:": "if False:"},
        f"{HOSTILE}::test_a_duplicate_key",
    ),
    mutation(
        "Unknown keys of a request for a contrast fix are rejected.",
        "themes/formats/parsed.py",
        {"if key not in known:": "if False:"},
        "tests/themes/test_api.py::test_an_invalid_fix_request_is_reported",
    ),
    mutation(
        "Values of a theme must be colors.",
        "themes/schema.py",
        {"if not isinstance(value, str) or not _COLOR.fullmatch(value):": "if not isinstance(value, str):"},
        f"{HOSTILE}::test_alphanumeric_errors_have_a_line",
        f"{LOOK}::test_invalid_theme_messages_get_an_error_and_the_socket_stays_open",
    ),
    mutation(
        "Names of a theme's colors must be known.",
        "themes/schema.py",
        {"if name not in BY_NAME:": "if False:"},
        f"{HOSTILE}::test_alphanumeric_errors_have_a_line",
    ),
    mutation(
        "The name of a theme must be printable.",
        "themes/schema.py",
        {" and all(is_visible(name, place) for place in range(len(name)))": ""},
        f"{HOSTILE}::test_alphanumeric_errors_have_a_line",
    ),
    mutation(
        "The length of a theme's name is limited.",
        "themes/schema.py",
        {"if 0 < len(name) <= MAX_NAME_LENGTH and": "if 0 < len(name) and"},
        f"{HOSTILE}::test_a_typed_name_is_validated",
    ),
    mutation(
        "The font of a theme must be in the list.",
        "themes/schema.py",
        {"""if not isinstance(changes["font"], str) or changes["font"] not in FONTS:""": "if False:"},
        f"{HOSTILE}::test_alphanumeric_errors_have_a_line",
    ),
    mutation(
        "Sizes of a theme must be within their bounds.",
        "themes/schema.py",
        {" or not isinstance(value, int | float) or not least <= value <= largest:": ":"},
        f"{HOSTILE}::test_alphanumeric_errors_have_a_line",
    ),
    mutation(
        "Unknown fields of a theme are rejected.",
        "themes/schema.py",
        {"if name not in known:": "if False:"},
        f"{HOSTILE}::test_alphanumeric_errors_have_a_line",
    ),
    mutation(
        "An error message quotes a bounded part of a theme.",
        "themes/schema.py",
        {'return text if len(text) <= MAX_ECHO else text[: MAX_ECHO - 1] + "…"': "return str(value)"},
        f"{HOSTILE}::test_errors_quote_at_most_max_echo_characters",
    ),
]
