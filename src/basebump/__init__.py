"""Move a whole organisation to a new base-image release."""

__version__ = "0.1.0"
