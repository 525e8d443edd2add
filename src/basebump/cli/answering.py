"""Where the answer goes: to stdout, or whole into a file."""

import os
import sys
import tempfile
from pathlib import Path

from basebump.errors import UsageError


def answer(text: str, output: Path | None) -> None:
    """Give the answer: on stdout, or whole in a file."""
    if output is None:
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:
            raise  # the reader has enough, which is no error
        except OSError as error:
            # Python would try again at its exit, and complain.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise UsageError(f"the answer cannot be written: {error.strerror}") from error
    else:
        _write(output, text)


def _write(path: Path, text: str) -> None:
    """Put the text at `path`, whole or not at all. Raises UsageError when that cannot be done."""
    temporary, target = "", Path(os.path.realpath(path))  # a link stays one
    try:
        if path.exists() and not path.is_file():  # a pipe or a device takes the text as it comes
            path.write_text(text, "utf-8")
            return
        descriptor, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(target)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise UsageError(f"{path}: cannot be written: {error.strerror or error}") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
