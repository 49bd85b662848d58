"""The monitor of a home: unusual events, silences and what stays on."""

from novin_ml.estimators.monitor.first_days import first_days_monitor
from novin_ml.estimators.monitor.home import HomeMonitor
from novin_ml.estimators.monitor.moments import Moment
from novin_ml.estimators.monitor.stream import MonitorStream

__all__ = ["HomeMonitor", "Moment", "MonitorStream", "first_days_monitor"]
