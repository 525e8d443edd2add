"""The read side of the OCI distribution API: tags, digests, platforms, image configs.

`Registry` answers the core's `Facts`, once per question and run, and turns every trouble into a
sentence. httpx is imported only when the first request goes out.
"""

from basebump.registry.reader import Registry
from basebump.registry.settings import RegistrySettings

__all__ = ["Registry", "RegistrySettings"]
