"""Themes that anybody made."""

from tests.mutation.mutation import mutation

HOSTILE = "tests/themes/formats/test_hostile.py"
LOOK = "tests/terminal/test_theme_session.py"
FUZZ = "tests/fuzz/test_fuzz.py"

MUTATIONS = [
    mutation(
        "Themes' files are at most 50 KB, before anything reads them.",
        "themes/formats/decoding.py",
        {"if len(data) > MAX_THEME_BYTES:": "if False:"},
        f"{HOSTILE}::test_a_large_file_is_rejected_before_parsing",
    ),
    mutation(
        "What is not text is no theme.",
        "themes/formats/decoding.py",
        {"except UnicodeDecodeError as error:": "except KeyError as error:"},
        f"{HOSTILE}::test_malformed_files",
    ),
    mutation(
        "No entities in property lists.",
        "themes/formats/plist_parser.py",
        {
            "if found := _DECLARATIONS.search(text):": "if False:",
            'if name != "plist" or subset or not (public or "").startswith("-//Apple"):': "if False:",
            "self.parser.EntityDeclHandler = self._entity": "pass",
        },
        f"{HOSTILE}::test_declarations_and_entities_are_refused",
    ),
    mutation(
        "No document type but that of property lists.",
        "themes/formats/plist_parser.py",
        {'if name != "plist" or subset or not (public or "").startswith("-//Apple"):': "if False:"},
        f"{HOSTILE}::test_declarations_and_entities_are_refused",
    ),
    mutation(
        "No nesting in property lists.",
        "themes/formats/plist_parser.py",
        {"if len(self.open) >= _DEEPEST:": "if False:"},
        f"{HOSTILE}::test_iterm2",
    ),
    mutation(
        "No endless words in property lists.",
        "themes/formats/plist_parser.py",
        {"if len(self.text) > _LONGEST:": "if False:"},
        f"{HOSTILE}::test_iterm2",
    ),
    mutation(
        "No elements in property lists that themes do not need.",
        "themes/formats/plist_parser.py",
        {'raise unreadable_file(f"A color preset must': 'self.element, self.text = name, str(f"'},
        f"{HOSTILE}::test_iterm2",
    ),
    mutation(
        "Numbers of property lists are numbers.",
        "themes/formats/iterm2.py",
        {" or not 0 <= value <= 1:": ":"},
        f"{HOSTILE}::test_iterm2_components_are_from_0_to_1",
    ),
    mutation(
        "No anchors in YAML.",
        "themes/formats/yaml_parser.py",
        {"if isinstance(event, yaml.NodeEvent) and event.anchor is not None:": "if False:"},
        f"{HOSTILE}::test_unsupported_yaml_is_rejected",
    ),
    mutation(
        "No tags in YAML.",
        "themes/formats/yaml_parser.py",
        {"if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag is not None:": "if False:"},
        f"{HOSTILE}::test_unsupported_yaml_is_rejected",
    ),
    mutation(
        "No nesting in YAML.",
        "themes/formats/yaml_parser.py",
        {"if depth > _DEEPEST:": "if False:"},
        f"{HOSTILE}::test_unsupported_yaml_is_rejected",
        f"{HOSTILE}::test_malformed_files",
    ),
    mutation(
        "No more in YAML than in a theme.",
        "themes/formats/yaml_parser.py",
        {"if number > _EVENTS:": "if False:"},
        f"{HOSTILE}::test_unsupported_yaml_is_rejected",
    ),
    mutation(
        "What YAML's parser trips over is refused.",
        "themes/formats/yaml_parser.py",
        {"except (yaml.YAMLError, ValueError, OverflowError):": "except yaml.YAMLError:"},
        f"{FUZZ}::test_what_was_found_once",
    ),
    mutation(
        "No endless nesting in JSON.",
        "themes/formats/json_parser.py",
        {"except RecursionError:": "except KeyError:"},
        f"{HOSTILE}::test_malformed_files",
    ),
    mutation(
        "Nothing in JSON that JSON does not have.",
        "themes/formats/json_parser.py",
        {", parse_constant=_no_constant)": ")"},
        f"{HOSTILE}::test_malformed_files",
    ),
    mutation(
        "No key twice, of which two readers might take another.",
        "themes/formats/json_parser.py",
        {"if key in level.seen:": "if False:"},
        f"{HOSTILE}::test_a_duplicate_key",
    ),
    mutation(
        "No keys that themes do not need.",
        "themes/formats/parsed.py",
        {"if key not in known:": "if False:"},
        f"{HOSTILE}::test_windows_terminal",
        f"{HOSTILE}::test_iterm2",
    ),
    mutation(
        "What comes out of themes is colors.",
        "themes/schema.py",
        {"if not isinstance(value, str) or not _COLOR.fullmatch(value):": "if not isinstance(value, str):"},
        f"{HOSTILE}::test_alphanumeric_errors_have_a_line",
        f"{LOOK}::test_invalid_theme_messages_get_an_error_and_the_socket_stays_open",
    ),
    mutation(
        "For what can be colored.",
        "themes/schema.py",
        {"if name not in BY_NAME:": "if False:"},
        f"{HOSTILE}::test_alphanumeric_errors_have_a_line",
    ),
    mutation(
        "With a name that can be shown.",
        "themes/schema.py",
        {" and not any(unicodedata.category(letter) in _FORBIDDEN for letter in name)": ""},
        f"{HOSTILE}::test_alphanumeric_errors_have_a_line",
    ),
    mutation(
        "And a short one.",
        "themes/schema.py",
        {"if 0 < len(name) <= MAX_NAME_LENGTH and": "if 0 < len(name) and"},
        f"{HOSTILE}::test_the_given_name_is_validated_too",
    ),
    mutation(
        "With a font that is there.",
        "themes/schema.py",
        {"""if not isinstance(changes["font"], str) or changes["font"] not in FONTS:""": "if False:"},
        f"{HOSTILE}::test_alphanumeric_errors_have_a_line",
    ),
    mutation(
        "And sizes that can be read.",
        "themes/schema.py",
        {" or not isinstance(value, int | float) or not least <= value <= largest:": ":"},
        f"{HOSTILE}::test_alphanumeric_errors_have_a_line",
    ),
    mutation(
        "Nothing but that.",
        "themes/schema.py",
        {"if name not in known:": "if False:"},
        f"{HOSTILE}::test_alphanumeric_errors_have_a_line",
    ),
    mutation(
        "An error repeats little of a theme.",
        "themes/schema.py",
        {'return text if len(text) <= MAX_ECHO else text[: MAX_ECHO - 1] + "…"': "return str(value)"},
        f"{HOSTILE}::test_errors_quote_at_most_max_echo_characters",
    ),
]
