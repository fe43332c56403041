"""Completion scripts for bash, zsh and fish, generated from the parser of the command line."""

import argparse
from collections.abc import Iterator

SHELLS = ("bash", "zsh", "fish")
_BASH = """\
_alphanumeric() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} words=
    case $previous in
        --out|--captions) COMPREPLY=($(compgen -f -- "$current")); return ;;
        --voice) words=$(alphanumeric voices 2>/dev/null | cut -f 1) ;;
        --speed|--title|--wait) return ;;
        *) case ${{COMP_WORDS[1]}} in
{cases}
            *) words="{commands}" ;;
        esac ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -F _alphanumeric alphanumeric
"""
_ZSH = "autoload -Uz bashcompinit && bashcompinit\n"
FILES = ("out", "captions")


def script(shell: str, parser: argparse.ArgumentParser) -> str:
    """Return the script of a shell."""
    if shell == "fish":
        return "".join(_fish(parser))
    commands = _commands(parser)
    cases = "\n".join(
        f'            {name}) [ "$COMP_CWORD" -gt 1 ] && words="{" ".join(_words(one))}" || words="{name}" ;;'
        for name, one in commands.items()
    )
    made = _BASH.format(cases=cases, commands=" ".join(commands))
    return _ZSH + made if shell == "zsh" else made


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:  # argparse offers no public list
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _words(parser: argparse.ArgumentParser) -> list[str]:
    options = [name for action in parser._actions for name in action.option_strings if name.startswith("--")]
    choices = [str(one) for action in parser._actions if not action.option_strings for one in action.choices or ()]
    return [*choices, *options]


def _fish(parser: argparse.ArgumentParser) -> Iterator[str]:
    commands = _commands(parser)
    unset = f"not __fish_seen_subcommand_from {' '.join(commands)}"
    yield "complete -c alphanumeric -f\n"
    for name, one in commands.items():
        yield f"complete -c alphanumeric -n '{unset}' -a {name}\n"
        within = f"complete -c alphanumeric -n '__fish_seen_subcommand_from {name}'"
        for word in _words(one):
            if not word.startswith("--"):
                yield f"{within} -a {word}\n"
                continue
            given = " -r -F" if word.removeprefix("--") in FILES else ""
            voices = " -x -a '(alphanumeric voices 2>/dev/null)'" if word == "--voice" else ""
            yield f"{within} -l {word.removeprefix('--')}{given}{voices}\n"
