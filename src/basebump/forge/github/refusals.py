"""What to do about GitHub's refusals of a write: a table from its words to ours."""

import re
from enum import Enum, auto

from basebump.errors import ForgeError


class Way(Enum):
    """How a refused write goes on."""

    LOOK = auto()  # somebody was faster, or it is there already: look, then decide again
    SLOWER = auto()  # as LOOK, after a pause
    MOVED = auto()  # the base is not what it was
    FAIL = auto()


_TABLE: tuple[tuple[str, Way, str], ...] = (
    (r"submitted too quickly", Way.SLOWER, ""),
    (r"Something went wrong|timed? ?out|left the answer out", Way.SLOWER, ""),
    (r"already exists|but it did not|has moved", Way.LOOK, ""),
    (r"No ref found|Head sha can't be blank|state cannot be changed", Way.LOOK, ""),
    (r"Reference does not exist|No commits between", Way.LOOK, ""),
    (r"Object does not exist|Base sha can't be blank", Way.MOVED, ""),
    (r"Reference update failed", Way.FAIL, "another branch's name is in the way: delete that one"),
    (r"creations being restricted", Way.FAIL, "a rule reserves this name: let the bot create it"),
    (r"verified signatures", Way.FAIL, "use a GitHub App, whose commits GitHub signs"),
    (r"rule violations|protected", Way.FAIL, "a rule protects this branch: let the bot push to it"),
    (r"[Pp]ull requests are disabled", Way.FAIL, "switch them on in its settings, or exclude it"),
    (r"GitHub Actions is not permitted", Way.FAIL, "allow it in the settings, or use a GitHub App"),
    (r"archived", Way.FAIL, "exclude it"),
    (r"access blocked|locked|disabled", Way.FAIL, "GitHub has closed the repository: exclude it"),
    (
        r"not accessible by|correct permissions|Must have",
        Way.FAIL,
        "the token needs write access to contents and pull requests here",
    ),
)


def way_of(said: str) -> Way:
    """How to go on after GitHub said this."""
    return next((way for sign, way, _ in _TABLE if re.search(sign, said, re.DOTALL)), Way.FAIL)


def refusal(said: str) -> ForgeError:
    """The error for a person: GitHub's words, and what to do where we know it."""
    text = " ".join(said.split())
    advice = next(
        (words for sign, _, words in _TABLE if words and re.search(sign, said, re.DOTALL)), ""
    )
    return ForgeError(f"{text.rstrip('.')}: {advice}" if advice else text)
