"""Hypothesis for the core: the same examples every time, and no clock in the verdict."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "core",
    derandomize=True,  # a run says the same today and tomorrow
    deadline=None,  # tests/core/test_linear.py watches the time, on its own terms
    max_examples=300,
    suppress_health_check=[HealthCheck.too_slow],  # the machine may be shared
)
settings.load_profile("core")
