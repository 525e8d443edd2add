"""Cache order: dependency manifests must be copied, and installed from, before the source."""

from basebump.core.cache_order.check import check, may_install
from basebump.core.cache_order.finding import ADVICE, RULE, RULES, SEVERITIES, Context, Finding
from basebump.core.cache_order.repository import MAX_FILE, is_wanted

__all__ = [
    "ADVICE",
    "MAX_FILE",
    "RULE",
    "RULES",
    "SEVERITIES",
    "Context",
    "Finding",
    "check",
    "is_wanted",
    "may_install",
]
