"""What we stand on, and our own code."""

from tests.mutation.mutation import mutation

FORBIDDEN = "tests/scripts/test_forbidden.py"
LICENSES = "tests/scripts/test_licenses.py"
LOCK = "tests/scripts/test_lock.py"
SETTINGS = "tests/project/test_settings.py"

MUTATIONS = [
    mutation(
        "Packages are installed only if they have their hashes.",
        "Makefile",
        {"--no-deps --require-hashes": "--no-deps"},
        f"{LOCK}::test_make_installs_by_hashes",
    ),
    mutation(
        "What is locked is written with hashes.",
        "scripts/lock.py",
        {' "--generate-hashes",': ""},
        f"{LOCK}::test_hashes_are_asked_for",
    ),
    mutation(
        "Only torch and what it brings is left out.",
        "scripts/lock.py",
        {r'LEFT_OUT = re.compile(r"torch|triton': r'LEFT_OUT = re.compile(r"torch.*|triton'},
        f"{LOCK}::test_what_is_left_out_and_what_is_not",
    ),
    mutation(
        "A license that nobody has looked at is told.",
        "scripts/licenses.py",
        {
            '"copyleft, and not on the list" if': '"" if',
            'else "unknown, and not on the list"': 'else ""',
        },
        f"{LICENSES}::test_what_somebody_must_look_at",
    ),
    mutation(
        "A package that says nothing of its license is told.",
        "scripts/licenses.py",
        {'return "says nothing of its license"': 'return ""'},
        f"{LICENSES}::test_what_somebody_must_look_at",
    ),
    mutation(
        "A license that changed is told.",
        "scripts/licenses.py",
        {'return "" if right else f"was known as {known.license}"': 'return ""'},
        f"{LICENSES}::test_what_somebody_must_look_at",
    ),
    mutation(
        "And ends with an error.",
        "scripts/licenses.py",
        {"return 0 if fine else 1": "return 0"},
        f"{LICENSES}::test_main_fails_on_what_is_not_on_the_list",
    ),
    mutation(
        "No text becomes a program.",
        "project/secret_key.py",
        {"return path.read_text(": "return eval('path').read_text("},
        f"{FORBIDDEN}::test_python",
    ),
    mutation(
        "Nothing goes through a shell.",
        "project/management/commands/serve.py",
        {"subprocess.run(command, check=False)": "subprocess.run(command, check=False, shell=True)"},
        f"{FORBIDDEN}::test_python",
    ),
    mutation(
        "No pickle of others is read.",
        "synthesis/voice_files/weights_reader.py",
        {"weights_only=True": "weights_only=False"},
        f"{FORBIDDEN}::test_python",
    ),
    mutation(
        "No YAML of others makes objects.",
        "themes/formats/yaml_parser.py",
        {"yaml.parse(text, Loader=yaml.SafeLoader)": "yaml.load(text, Loader=yaml.Loader)"},
        f"{FORBIDDEN}::test_python",
    ),
    mutation(
        "No markup is made by hand.",
        "themes/admin/swatch.py",
        {
            "import SafeString\n": "import SafeString, mark_safe\n",
            "cells = format_html_join(": "mark_safe(name)\n    cells = format_html_join(",
        },
        f"{FORBIDDEN}::test_python",
    ),
    mutation(
        "Each exception from the checks has its reason.",
        "project/management/commands/serve.py",
        {"# noqa: S603 - fixed command and voice ids": "# noqa: S603"},
        f"{FORBIDDEN}::test_every_exception_has_its_reason",
    ),
    mutation(
        "The signing key is readable by its owner alone.",
        "project/secret_key.py",
        {"os.link(name, path)": "path.write_text(Path(name).read_text())"},
        f"{SETTINGS}::test_the_secret_key_is_generated_once_and_private",
    ),
    mutation(
        "Processes that start at once have one key.",
        "project/secret_key.py",
        {
            "if not path.exists():": "if True:",
            "with suppress(FileExistsError):\n            os.link(name, path)": "os.replace(name, path)",
            "Path(name).unlink()": "pass",
        },
        f"{SETTINGS}::test_the_secret_key_is_generated_once_and_private",
    ),
    *(
        mutation(
            claim,
            "project/settings.py",
            {piece: instead},
            f"{SETTINGS}::test_the_defaults_are_secure",
        )
        for claim, piece, instead in (
            ("It listens on this machine alone.", 'env.str("HOST", "127.0.0.1"', 'env.str("HOST", "0.0.0.0"'),
            ("It tells nobody how it is made.", 'env.bool("DEBUG", False)', 'env.bool("DEBUG", True)'),
            ("It trusts no proxy.", 'env.list("TRUSTED_PROXIES", [],', 'env.list("TRUSTED_PROXIES", ["0.0.0.0/0"],'),
        )
    ),
    mutation(
        "A wrong setting stops the start.",
        "project/settings.py",
        {'env.bool("DEBUG", False)': 'env.str("DEBUG", "") == "true"'},
        f"{SETTINGS}::test_a_wrong_value_stops_the_start",
    ),
    mutation(
        "A setting under its old name stops the start.",
        "project/settings.py",
        {"reject_old_names(os.environ)\n": ""},
        f"{SETTINGS}::test_an_old_name_stops_the_server_itself",
    ),
]
