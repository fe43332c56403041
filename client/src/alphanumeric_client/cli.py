"""The command ``alphanumeric``."""

import argparse
import getpass
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

from alphanumeric_client import completion, config, files, speech_dispatcher
from alphanumeric_client.config import Config
from alphanumeric_client.errors import ClientError, Exit
from alphanumeric_client.playback import find_player
from alphanumeric_client.server import Server
from alphanumeric_client.speak import NO_TAB, Speaker, Voice
from alphanumeric_client.text import plain

EXAMPLES = """\
examples:
  alphanumeric say "The build is ready."
  make 2>&1 | tail -n 1 | alphanumeric say --title make
  tail -f server.log | alphanumeric say --follow --to-tabs
  alphanumeric say --out hello.mp3 --captions hello.srt "Hello."

exit status:
  0 done                    4 the server cannot be reached
  1 other errors            5 the server rejected the text, voice or speed
  2 wrong usage             6 a limit is reached, or the server is busy
  3 no valid token, or a    7 no player, or it failed
    wrong configuration     130 interrupted
"""
WAIT_S = 30.0
FOLLOW_WAIT_S = 3600.0
MAX_INPUT = 1_000_000
"""Characters of standard input that ``say`` reads without ``--follow``."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit status."""
    options = parser().parse_args(arguments)
    try:
        status: int = options.run(options)
    except ClientError as error:
        _report(str(error))
        return error.status
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # The reader of the output has ended, as with `| head`. Python would report it again when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FAILED
    return status


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = argparse.ArgumentParser(
        prog="alphanumeric",
        description="Speak with an Alphanumeric server: in your open tabs, on the speakers, or to a file.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = made.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_say(commands.add_parser("say", help="speak a text, or standard input", description=_SAY))
    voices = commands.add_parser("voices", help="list the voices", description="List the ids of the voices.")
    voices.set_defaults(run=_voices)
    stop = commands.add_parser("stop", help="stop the texts of programs in all tabs", description=_STOP)
    stop.add_argument("id", nargs="?", default="", help="stop only this text")
    stop.set_defaults(run=_stop)
    queue = commands.add_parser("queue", help="list the texts that no tab has finished", description=_QUEUE)
    queue.set_defaults(run=_queue)
    _add_config(commands.add_parser("config", help="show or change the configuration", description=_CONFIG))
    agent = commands.add_parser("mcp", help="serve coding agents on standard input and output", description=_MCP)
    agent.set_defaults(run=_mcp)
    desktop = commands.add_parser("speech-dispatcher", help="configure spd-say and Orca", description=_DESKTOP)
    desktop.add_argument("--folder", type=Path, help="default: ~/.config/speech-dispatcher")
    desktop.set_defaults(run=_desktop)
    shell = commands.add_parser("completion", help="print a shell's completion script", description=_COMPLETION)
    shell.add_argument("shell", choices=completion.SHELLS)
    shell.set_defaults(run=lambda options: _print(completion.script(options.shell, made)))
    return made


_SAY = """Speak a text. Without TEXT, or with -, the text is read from standard input; colors are removed, and a long
text is sent in parts. Without --to-tabs, --play and --out, it is spoken in the tabs if there is a token, and played
otherwise."""
_STOP = "Stop the texts that programs sent to your tabs, those that wait included."
_QUEUE = "List the texts that programs sent and that were neither spoken nor stopped."
_CONFIG = """Show the configuration and its file, or change a value. The variables ALPHANUMERIC_URL, ALPHANUMERIC_TOKEN,
ALPHANUMERIC_VOICE and ALPHANUMERIC_SPEED come before the file."""
_MCP = """Serve the Model Context Protocol: the tools say, stop and list_voices, and the queue as a resource. Needs the
extra: pipx install './client[mcp]'."""
_DESKTOP = """Write the configuration of a module of Speech Dispatcher, with the voices of the server. Speech
Dispatcher reads it when it starts."""
_COMPLETION = """Print a completion script. bash: eval "$(alphanumeric completion bash)" in ~/.bashrc; zsh: the same in
~/.zshrc, after compinit; fish: alphanumeric completion fish > ~/.config/fish/completions/alphanumeric.fish"""


def _add_say(made: argparse.ArgumentParser) -> None:
    made.add_argument("text", nargs="*", metavar="TEXT", help="the text; several words are joined")
    where = made.add_mutually_exclusive_group()
    where.add_argument("--to-tabs", action="store_true", help="speak in the open tabs of the account (needs a token)")
    where.add_argument("--play", action="store_true", help="play with aplay, pacat, ffplay, pw-play or afplay")
    where.add_argument("--out", type=Path, metavar="FILE", help=f"write the audio: {', '.join(files.AUDIO)}")
    made.add_argument("--captions", type=Path, metavar="FILE", help="write captions: .srt or .vtt")
    made.add_argument("--follow", action="store_true", help="speak line by line; of a flood, a few lines and a count")
    made.add_argument("--voice", default="", help="a voice's id (see: alphanumeric voices)")
    made.add_argument("--speed", type=float, help="from 0.25 to 4")
    made.add_argument("--rate", type=float, help=argparse.SUPPRESS)  # Speech Dispatcher's, from -100 to 100
    made.add_argument("--title", default="", help="what the text is about; the tab shows it next to the token's name")
    made.add_argument("--wait", type=float, metavar="SECONDS", help=_WAIT)
    made.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    made.set_defaults(run=_say)


_WAIT = (
    "how long to repeat a request while the server is unreachable or busy (default: 30; 0 with an outage: fail at once)"
)


def _add_config(made: argparse.ArgumentParser) -> None:
    commands = made.add_subparsers(title="commands", metavar="COMMAND")
    setting = commands.add_parser("set", help="store a value", description="Store a value in the file.")
    setting.add_argument("key", choices=config.KEYS)
    setting.add_argument("value", nargs="?", help="without it, the value is read from the terminal or standard input")
    setting.set_defaults(run=_set)
    made.set_defaults(run=_show)


def _say(options: argparse.Namespace) -> int:
    current = config.load()
    if options.follow and (options.out or options.captions or options.text):
        raise ClientError(Exit.USAGE, "--follow reads standard input, and works with --to-tabs and --play only.")
    plays = options.play or not (options.to_tabs or options.out or options.captions or current.token)
    player = find_player() if plays else None
    max_wait_s = options.wait if options.wait is not None else FOLLOW_WAIT_S if options.follow else WAIT_S
    with _server(current, max_wait_s, quiet=options.quiet) as server:
        notify = (lambda _: None) if options.quiet else _report
        speaker = Speaker(server, _voice(current, options), player, notify=notify)
        if options.follow:
            speaker.follow(lambda: sys.stdin.readline(65_536))
            return Exit.DONE
        whole = plain(_text(options.text, sys.stdin))
        if options.captions:
            speaker.save(whole, options.captions, files.CAPTIONS)
        if options.out:
            speaker.save(whole, options.out, files.AUDIO)
        elif options.to_tabs or plays or not options.captions:
            states = speaker.speak(whole)
            if "waiting" in states and not options.quiet:
                _report(NO_TAB)
    return Exit.DONE


def _voice(current: Config, options: argparse.Namespace) -> Voice:
    if options.rate is not None:
        return Voice(options.voice or current.voice, speech_dispatcher.rate_to_speed(options.rate), options.title)
    try:
        speed = options.speed if options.speed is not None else float(current.speed) if current.speed else None
    except ValueError:
        raise ClientError(Exit.CONFIGURATION, f"The configured speed {current.speed!r} is not a number.") from None
    return Voice(options.voice or current.voice, speed, options.title)


def _text(words: list[str], stdin: TextIO) -> str:
    if words and words != ["-"]:
        return " ".join(words)
    if not words and stdin.isatty():
        raise ClientError(Exit.USAGE, "There is no text: pass one, or pipe it. 'alphanumeric say --help' has examples.")
    return stdin.read(MAX_INPUT)


def _voices(_: argparse.Namespace) -> int:
    with _server(config.load()) as server:
        listed = server.voices()
    return _print("".join(f"{one['id']}\t{one['name']}\t{one['language']}\n" for one in listed))


def _stop(options: argparse.Namespace) -> int:
    with _server(config.load()) as server:
        stopped = server.stop(options.id)
    return _print(f"{len(stopped)} stopped\n")


def _queue(_: argparse.Namespace) -> int:
    with _server(config.load()) as server:
        listed = server.queue()
    rows = ((one["id"], one["state"], one["sender"], one["title"] or "", one["input"] or "") for one in listed)
    return _print("".join("\t".join(" ".join(plain(field).split()) for field in row) + "\n" for row in rows))


def _show(_: argparse.Namespace) -> int:
    current = config.load()
    token = f"{current.token[:8]}..." if current.token else ""
    shown = {"file": str(config.path()), "url": current.url, "token": token}
    shown |= {"voice": current.voice, "speed": current.speed}
    return _print("".join(f"{name}\t{value or '-'}\n" for name, value in shown.items()))


def _set(options: argparse.Namespace) -> int:
    value = options.value
    if value is None:
        ask: Callable[[str], str] = getpass.getpass if options.key == "token" else input
        value = ask(f"{options.key}: ") if sys.stdin.isatty() else sys.stdin.readline()
    return _print(f"Saved in {config.save(options.key, value.strip())}.\n")


def _mcp(_: argparse.Namespace) -> int:
    try:
        from alphanumeric_client import mcp_tools
    except ImportError:
        message = "The extra for MCP is not installed: pipx install --force './client[mcp]'."
        raise ClientError(Exit.CONFIGURATION, message) from None
    mcp_tools.build(config.load()).run("stdio")
    return Exit.DONE


def _desktop(options: argparse.Namespace) -> int:
    folder = options.folder or config.home() / "speech-dispatcher"
    command = shutil.which("alphanumeric") or str(Path(sys.argv[0]).resolve())
    with _server(config.load()) as server:
        written = speech_dispatcher.write(folder, command, server.voices())
    return _print("".join(f"{file}\n" for file in written))


def _server(current: Config, wait_s: float = 5.0, *, quiet: bool = False) -> Server:
    return Server(current, max_wait_s=wait_s, notify=(lambda _: None) if quiet else _report)


def _print(text: str) -> int:
    sys.stdout.write(text)
    sys.stdout.flush()
    return Exit.DONE


def _report(message: str) -> None:
    sys.stderr.write(f"alphanumeric: {message}\n")
