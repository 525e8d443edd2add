"""The verdicts: every image reference of the fleet ends with exactly one."""

from enum import StrEnum


class Verdict(StrEnum):
    """What basebump makes of an image reference; the words are those of every report."""

    BUMP = "bump"
    UP_TO_DATE = "up-to-date"
    NEWER = "newer"
    FLOATING = "floating"
    OTHER_LINE = "other-line"
    NO_SUCH_TARGET = "no-such-target"
    PLATFORM_LOST = "platform-lost"
    UNKNOWN = "unknown"
    PINNED = "pinned"
    VARIABLE = "variable"
    IGNORED = "ignored"
    OTHER_BOT = "other-bot"
    NOT_SELECTED = "not-selected"
    NOT_AN_IMAGE = "not-an-image"
    UNREADABLE = "unreadable"
