"""Which certificate authorities are trusted."""

import os
import ssl
from pathlib import Path

from basebump.core.facts import Trouble
from basebump.registry.trouble import RegistryError

_CA_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def trust() -> ssl.SSLContext:
    """Trust what the usual variables name, otherwise the system's and certifi's authorities.

    Raises RegistryError for a variable that names nothing of use.
    """
    for name in _CA_VARIABLES:
        if place := os.environ.get(name):
            try:
                if Path(place).is_dir():
                    return ssl.create_default_context(capath=place)
                return ssl.create_default_context(cafile=place)
            except OSError:  # no such file, or no certificates in it (SSLError is one)
                raise RegistryError(
                    Trouble.CERTIFICATE, f"{name} names no file of certificates: {place}"
                ) from None
    import certifi  # noqa: PLC0415 - httpx brings it, and most runs need neither

    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
