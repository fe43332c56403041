"""Controls of dependencies, forbidden calls and settings."""

from tests.mutation.mutation import mutation

FORBIDDEN = "tests/scripts/test_forbidden.py"
LICENSES = "tests/scripts/test_licenses.py"
LOCK = "tests/scripts/test_lock.py"
SETTINGS = "tests/project/test_settings.py"

MUTATIONS = [
    mutation(
        "Packages are installed only with verified hashes.",
        "Makefile",
        {"LOCKED := $(PIP) install --no-deps --require-hashes": "LOCKED := $(PIP) install --no-deps"},
        f"{LOCK}::test_make_installs_with_hashes",
    ),
    mutation(
        "The lock files contain hashes.",
        "scripts/lock.py",
        {' "--generate-hashes",': ""},
        f"{LOCK}::test_hashes_are_required",
    ),
    mutation(
        "The lock files leave out only torch and its dependencies.",
        "scripts/lock.py",
        {r'LEFT_OUT = re.compile(r"torch|triton': r'LEFT_OUT = re.compile(r"torch.*|triton'},
        f"{LOCK}::test_packages_of_torch_are_excluded",
    ),
    mutation(
        "An unreviewed license is reported.",
        "scripts/licenses.py",
        {
            '"copyleft license, not reviewed" if': '"" if',
            'else "unknown license, not reviewed"': 'else ""',
        },
        f"{LICENSES}::test_an_unreviewed_license_is_reported",
    ),
    mutation(
        "A package without a license is reported.",
        "scripts/licenses.py",
        {'return "no license in its metadata"': 'return ""'},
        f"{LICENSES}::test_an_unreviewed_license_is_reported",
    ),
    mutation(
        "A changed license is reported.",
        "scripts/licenses.py",
        {'return "" if right else f"reviewed as {known.license}"': 'return ""'},
        f"{LICENSES}::test_an_unreviewed_license_is_reported",
    ),
    mutation(
        "An unreviewed license makes the command exit with an error.",
        "scripts/licenses.py",
        {"return 0 if fine else 1": "return 0"},
        f"{LICENSES}::test_main_fails_on_an_unreviewed_package",
    ),
    mutation(
        "Calls that execute text as code are forbidden.",
        "project/secret_key.py",
        {"return path.read_text(": "return eval('path').read_text("},
        f"{FORBIDDEN}::test_python_files_use_no_forbidden_construct",
    ),
    mutation(
        "Calls that start a shell are forbidden.",
        "project/management/commands/serve.py",
        {"subprocess.run(command, check=False)": "subprocess.run(command, check=False, shell=True)"},
        f"{FORBIDDEN}::test_python_files_use_no_forbidden_construct",
    ),
    mutation(
        "Calls that load pickles are forbidden.",
        "synthesis/voice_files/weights_reader.py",
        {"weights_only=True": "weights_only=False"},
        f"{FORBIDDEN}::test_python_files_use_no_forbidden_construct",
    ),
    mutation(
        "Unsafe YAML loaders are forbidden.",
        "themes/formats/yaml_parser.py",
        {"yaml.parse(text, Loader=yaml.SafeLoader)": "yaml.load(text, Loader=yaml.Loader)"},
        f"{FORBIDDEN}::test_python_files_use_no_forbidden_construct",
    ),
    mutation(
        "Calls that mark text as safe HTML are forbidden.",
        "themes/admin/swatch.py",
        {
            "import SafeString\n": "import SafeString, mark_safe\n",
            "cells = format_html_join(": "mark_safe(name)\n    cells = format_html_join(",
        },
        f"{FORBIDDEN}::test_python_files_use_no_forbidden_construct",
    ),
    mutation(
        "Each suppressed check requires a reason.",
        "project/management/commands/serve.py",
        {"# noqa: S603 - fixed command and voice ids": "# noqa: S603"},
        f"{FORBIDDEN}::test_every_exception_has_its_reason",
    ),
    mutation(
        "The secret key is readable only by its owner.",
        "project/secret_key.py",
        {"os.link(name, path)": "path.write_text(Path(name).read_text())"},
        f"{SETTINGS}::test_the_secret_key_is_generated_once_and_private",
    ),
    mutation(
        "Processes that start concurrently use the same secret key.",
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
            (
                "By default the server listens on the loopback interface only.",
                'env.listening_address("HOST", "127.0.0.1"',
                'env.listening_address("HOST", "0.0.0.0"',
            ),
            ("By default debug mode is off.", 'env.bool("DEBUG", False)', 'env.bool("DEBUG", True)'),
            (
                "By default no proxy is trusted.",
                'env.networks("TRUSTED_PROXIES", [])',
                'env.networks("TRUSTED_PROXIES", ["0.0.0.0/0"])',
            ),
        )
    ),
    mutation(
        "An invalid setting prevents the start.",
        "project/settings.py",
        {'env.bool("DEBUG", False)': 'env.str("DEBUG", "") == "true"'},
        f"{SETTINGS}::test_an_invalid_value_prevents_the_start",
    ),
    mutation(
        "A setting under its old name prevents the start.",
        "project/settings.py",
        {"reject_old_names(env.given)\n": ""},
        f"{SETTINGS}::test_a_former_setting_prevents_the_start_of_the_server",
    ),
]
