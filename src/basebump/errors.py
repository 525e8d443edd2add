"""The errors that a person is meant to read; each class carries the exit code."""


class BasebumpError(Exception):
    """Something a person can act on: the message says what, where, and what to do."""

    exit_code = 5


class UsageError(BasebumpError):
    """Wrong usage or configuration; nothing was touched."""

    exit_code = 2


class AuthenticationError(BasebumpError):
    """Credentials are missing or were refused."""

    exit_code = 4


class ForgeError(BasebumpError):
    """One repository could not be read or written; the others go on."""

    exit_code = 3
