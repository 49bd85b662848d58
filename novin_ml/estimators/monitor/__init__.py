"""The monitor of a home: unusual events, silences and what stays on."""

from novin_ml.estimators.monitor.home import HomeMonitor
from novin_ml.estimators.monitor.stream import MonitorStream

__all__ = ["HomeMonitor", "MonitorStream"]
