"""Settings of the property tests: no example fails for being slow on a busy machine."""

from hypothesis import HealthCheck, settings

settings.register_profile("redbag", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("redbag")
