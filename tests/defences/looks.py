"""Themes that anybody made."""

from tests.defences.defence import defence

HOSTILE = "tests/themes/test_formats_hostile.py"
LOOK = "tests/terminal/test_look.py"
FUZZ = "tests/fuzz/test_fuzz.py"

DEFENCES = [
    defence(
        "Themes' files are at most 50 KB, before anything reads them.",
        "themes/formats/text.py",
        {"if len(data) > THEME_BYTES:": "if False:"},
        f"{HOSTILE}::test_a_large_file_is_refused_before_anything_reads_it",
    ),
    defence(
        "What is not text is no theme.",
        "themes/formats/text.py",
        {"except UnicodeDecodeError as error:": "except KeyError as error:"},
        f"{HOSTILE}::test_what_is_no_file_of_any_kind",
    ),
    defence(
        "No entities in property lists.",
        "themes/formats/plist_text.py",
        {
            "if found := _DECLARATIONS.search(text):": "if False:",
            'if name != "plist" or subset or not (public or "").startswith("-//Apple"):': "if False:",
            "self.parser.EntityDeclHandler = self._entity": "pass",
        },
        f"{HOSTILE}::test_declarations_and_entities_are_refused",
    ),
    defence(
        "No document type but that of property lists.",
        "themes/formats/plist_text.py",
        {'if name != "plist" or subset or not (public or "").startswith("-//Apple"):': "if False:"},
        f"{HOSTILE}::test_declarations_and_entities_are_refused",
    ),
    defence(
        "No nesting in property lists.",
        "themes/formats/plist_text.py",
        {"if len(self.open) >= _DEEPEST:": "if False:"},
        f"{HOSTILE}::test_iterm2",
    ),
    defence(
        "No endless words in property lists.",
        "themes/formats/plist_text.py",
        {"if len(self.text) > _LONGEST:": "if False:"},
        f"{HOSTILE}::test_iterm2",
    ),
    defence(
        "No elements in property lists that themes do not need.",
        "themes/formats/plist_text.py",
        {"""raise unreadable(f"There is no <{name[:QUOTED]}> in""": """self.element, self.text = name, str(f" in"""},
        f"{HOSTILE}::test_iterm2",
    ),
    defence(
        "Numbers of property lists are numbers.",
        "themes/formats/iterm2.py",
        {" or not 0 <= value <= 1:": ":"},
        f"{HOSTILE}::test_iterm2_components_are_from_nought_to_one",
    ),
    defence(
        "No anchors in YAML.",
        "themes/formats/yaml_text.py",
        {"if isinstance(event, yaml.NodeEvent) and event.anchor is not None:": "if False:"},
        f"{HOSTILE}::test_yaml_that_can_do_more_than_is_needed",
    ),
    defence(
        "No tags in YAML.",
        "themes/formats/yaml_text.py",
        {"if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag is not None:": "if False:"},
        f"{HOSTILE}::test_yaml_that_can_do_more_than_is_needed",
    ),
    defence(
        "No nesting in YAML.",
        "themes/formats/yaml_text.py",
        {"if depth > _DEEPEST:": "if False:"},
        f"{HOSTILE}::test_yaml_that_can_do_more_than_is_needed",
        f"{HOSTILE}::test_what_is_no_file_of_any_kind",
    ),
    defence(
        "No more in YAML than in a theme.",
        "themes/formats/yaml_text.py",
        {"if number > _EVENTS:": "if False:"},
        f"{HOSTILE}::test_yaml_that_can_do_more_than_is_needed",
    ),
    defence(
        "What YAML's parser trips over is refused.",
        "themes/formats/yaml_text.py",
        {"except (yaml.YAMLError, ValueError, OverflowError):": "except yaml.YAMLError:"},
        f"{FUZZ}::test_what_was_found_once",
    ),
    defence(
        "No endless nesting in JSON.",
        "themes/formats/json_text.py",
        {"except RecursionError:": "except KeyError:"},
        f"{HOSTILE}::test_what_is_no_file_of_any_kind",
    ),
    defence(
        "Nothing in JSON that JSON does not have.",
        "themes/formats/json_text.py",
        {", parse_constant=_no_constant)": ")"},
        f"{HOSTILE}::test_what_is_no_file_of_any_kind",
    ),
    defence(
        "No key twice, of which two readers might take another.",
        "themes/formats/json_text.py",
        {"if key in level.seen:": "if False:"},
        f"{HOSTILE}::test_a_key_that_comes_twice",
    ),
    defence(
        "No keys that themes do not need.",
        "themes/formats/mapping.py",
        {"if key not in known:": "if False:"},
        f"{HOSTILE}::test_windows_terminal",
        f"{HOSTILE}::test_iterm2",
    ),
    defence(
        "What comes out of themes is colours.",
        "themes/validation.py",
        {"if not isinstance(value, str) or not _COLOUR.fullmatch(value):": "if not isinstance(value, str):"},
        f"{HOSTILE}::test_our_own_says_at_which_line",
        f"{LOOK}::test_what_cannot_be_is_refused_by_name_and_the_socket_lives",
    ),
    defence(
        "For what can be coloured.",
        "themes/validation.py",
        {"if name not in BY_NAME:": "if False:"},
        f"{HOSTILE}::test_our_own_says_at_which_line",
    ),
    defence(
        "With a name that can be shown.",
        "themes/validation.py",
        {" and not any(unicodedata.category(letter) in _FORBIDDEN for letter in name)": ""},
        f"{HOSTILE}::test_our_own_says_at_which_line",
    ),
    defence(
        "And a short one.",
        "themes/validation.py",
        {"if 0 < len(name) <= NAME_LENGTH and": "if 0 < len(name) and"},
        f"{HOSTILE}::test_a_name_that_is_given_is_checked_too",
    ),
    defence(
        "With a font that is there.",
        "themes/validation.py",
        {"""if not isinstance(changes["font"], str) or changes["font"] not in FONTS:""": "if False:"},
        f"{HOSTILE}::test_our_own_says_at_which_line",
    ),
    defence(
        "And sizes that can be read.",
        "themes/validation.py",
        {" or not isinstance(value, int | float) or not least <= value <= largest:": ":"},
        f"{HOSTILE}::test_our_own_says_at_which_line",
    ),
    defence(
        "Nothing but that.",
        "themes/validation.py",
        {"if name not in known:": "if False:"},
        f"{HOSTILE}::test_our_own_says_at_which_line",
    ),
    defence(
        "An error repeats little of a theme.",
        "themes/validation.py",
        {'return text if len(text) <= QUOTED else text[: QUOTED - 1] + "…"': "return str(value)"},
        f"{HOSTILE}::test_errors_repeat_little",
    ),
]
