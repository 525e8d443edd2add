"""No token in anything that is shown: a filter for the logger, and the same for error texts.

The forms are those of "About authentication to GitHub", and the tokens that this process uses.
"""

import logging
import re
import threading

_FORMS = re.compile(
    r"\b(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{20,}"
    r"|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,})"
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)",
    re.DOTALL,
)
_HIDDEN = "[hidden]"
_SHORTEST = 8  # shorter than any token; hiding a word of everyday would tell more than it hides
_known: set[str] = set()
_lock = threading.Lock()


def remember(secret: str) -> None:
    """From now on this very text is hidden, whatever its form."""
    if len(secret) >= _SHORTEST:
        with _lock:
            _known.add(secret)


def redact(text: str) -> str:
    """The text without anything that is or looks like a secret."""
    with _lock:
        known = sorted(_known, key=len, reverse=True)
    for secret in known:
        text = text.replace(secret, _HIDDEN)
    return _FORMS.sub(_HIDDEN, text)


class RedactingFilter(logging.Filter):
    """Hides secrets in every record, its arguments and its traceback included."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record; it is never held back."""
        record.msg, record.args = redact(record.getMessage()), ()
        if record.exc_info:
            text = logging.Formatter().formatException(record.exc_info)
            record.exc_text, record.exc_info = redact(text), None
        return True
