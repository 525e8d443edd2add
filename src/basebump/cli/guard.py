"""How a command ends: every error becomes a sentence on stderr and its exit code."""

import functools
import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import ParamSpec

import typer

from basebump.errors import BasebumpError

INTERRUPTED = 130
BUG = 5

_P = ParamSpec("_P")


def guarded(command: Callable[_P, int]) -> Callable[_P, None]:
    """Wrap a command that returns its exit code."""

    @functools.wraps(command)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> None:
        code = _exit_code(functools.partial(command, *args, **kwargs))
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is over: nothing is left to interrupt
        sys.exit(code)

    run.__annotations__ = {**command.__annotations__, "return": None}
    return run


def _exit_code(command: Callable[[], int]) -> int:
    if callable(signal.getsignal(signal.SIGINT)):  # not where a shell had it ignored
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        code = command()
        sys.stdout.flush()
    except BasebumpError as error:
        _say(f"error: {error}")
        return error.exit_code
    except typer.Exit as error:
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        _say("interrupted: what was done stays done, and a next run goes on from there")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader went away, as `head` does; Python must not complain again at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        _say(f"error: {error}")
        return 2
    except Exception as error:  # noqa: BLE001 - the last line of defence
        _say(f"bug: {type(error).__name__}: {error}\nThis is a bug of basebump; please report it.")
        if os.environ.get("BASEBUMP_DEBUG"):
            traceback.print_exc()
        else:
            _say("BASEBUMP_DEBUG=1 shows where it happened.")
        return BUG
    return code


def _say(text: str) -> None:
    sys.stderr.write(f"basebump: {text}\n")
