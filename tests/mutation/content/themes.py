"""Controls of untrusted theme files."""

from tests.mutation.mutation import mutation

HOSTILE = "tests/themes/formats/test_hostile.py"
LOOK = "tests/terminal/test_theme_session.py"
FUZZ = "tests/fuzz/test_fuzz.py"

MUTATIONS = [
    mutation(
        "The size of a theme file is limited to 50 KB before it is parsed.",
        "themes/formats/decoding.py",
        {"if len(data) > MAX_THEME_BYTES:": "if False:"},
        f"{HOSTILE}::test_a_large_file_is_rejected_before_parsing",
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
            'if name != "plist" or subset or not (public or "").startswith("-//Apple"):': "if False:",
            "self.parser.EntityDeclHandler = self._entity": "pass",
        },
        f"{HOSTILE}::test_declarations_and_entities_are_refused",
    ),
    mutation(
        "Document types other than that of property lists are rejected.",
        "themes/formats/plist_parser.py",
        {'if name != "plist" or subset or not (public or "").startswith("-//Apple"):': "if False:"},
        f"{HOSTILE}::test_declarations_and_entities_are_refused",
    ),
    mutation(
        "Nested property lists are rejected.",
        "themes/formats/plist_parser.py",
        {"if len(self.open) >= _DEEPEST:": "if False:"},
        f"{HOSTILE}::test_iterm2",
    ),
    mutation(
        "Long strings in property lists are rejected.",
        "themes/formats/plist_parser.py",
        {"if len(self.text) > _LONGEST:": "if False:"},
        f"{HOSTILE}::test_iterm2",
    ),
    mutation(
        "Unexpected elements in property lists are rejected.",
        "themes/formats/plist_parser.py",
        {'raise unreadable_file(f"A color preset must': 'self.element, self.text = name, str(f"'},
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
        f"{FUZZ}::test_what_was_found_once",
    ),
    mutation(
        "Deeply nested JSON is rejected.",
        "themes/formats/json_parser.py",
        {"except RecursionError:": "except KeyError:"},
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
        {"if key in level.seen:": "if False:"},
        f"{HOSTILE}::test_a_duplicate_key",
    ),
    mutation(
        "Unknown keys of a theme are rejected.",
        "themes/formats/parsed.py",
        {"if key not in known:": "if False:"},
        f"{HOSTILE}::test_windows_terminal",
        f"{HOSTILE}::test_iterm2",
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
        {" and not any(unicodedata.category(letter) in _FORBIDDEN for letter in name)": ""},
        f"{HOSTILE}::test_alphanumeric_errors_have_a_line",
    ),
    mutation(
        "The length of a theme's name is limited.",
        "themes/schema.py",
        {"if 0 < len(name) <= MAX_NAME_LENGTH and": "if 0 < len(name) and"},
        f"{HOSTILE}::test_the_given_name_is_validated_too",
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
