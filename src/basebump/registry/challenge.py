"""The WWW-Authenticate header (RFC 9110, section 11.6.1), as far as registries use it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_SCHEME = re.compile(r"\s*,?\s*(?P<scheme>[A-Za-z][A-Za-z0-9-]*)(?=\s|,|$)\s*(?!=)")
_PARAMETER = re.compile(
    r'\s*,?\s*(?P<key>[A-Za-z_-]+)\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<token>[^\s,"]+))'
)


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way to authenticate that a server offers; `scheme` is in lower case."""

    scheme: str
    parameters: Mapping[str, str]


def parse_challenges(headers: Sequence[str]) -> tuple[Challenge, ...]:
    """Return the challenges of all WWW-Authenticate headers; what is malformed is left out."""
    return tuple(challenge for header in headers for challenge in _parse(header))


def _parse(header: str) -> list[Challenge]:
    found = []
    position = 0
    while (match := _SCHEME.match(header, position)) and match.end() > position:
        position = match.end()
        parameters = {}
        while parameter := _PARAMETER.match(header, position):
            position = parameter.end()
            quoted = parameter["quoted"]
            value = parameter["token"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
            parameters[parameter["key"].lower()] = value
        found.append(Challenge(match["scheme"].lower(), parameters))
    return found
