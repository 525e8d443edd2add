"""Which certificates are trusted: the system's own, or a file for a private CA."""

import os
from pathlib import Path

from basebump.errors import UsageError

_CA_FILES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


def verify() -> bool | str:
    """The file of trusted certificates; requests itself does not look at SSL_CERT_FILE.

    Raises UsageError when the variable names nothing that is there.
    """
    name = next((name for name in _CA_FILES if os.environ.get(name)), None)
    if name is None:
        return True
    path = os.environ[name]
    if not Path(path).exists():
        raise UsageError(f"{name}: there is no {path}; it names a file of certificates")
    return path
