"""Cache order: dependency manifests must be copied, and installed from, before the source."""

from basebump.core.cache_order.check import check
from basebump.core.cache_order.finding import ADVICE, RULE, RULES, SEVERITIES, Context, Finding

__all__ = ["ADVICE", "RULE", "RULES", "SEVERITIES", "Context", "Finding", "check"]
