"""A federation with Flower: the rounds of this package, and homes behind flwr's messages."""

from novin_ml.federated.app.boosting_simulation import train_boosting_on_flower
from novin_ml.federated.app.client import client_app, home_of
from novin_ml.federated.app.config import (
    boosting_config,
    boosting_settings_from,
    run_config,
    settings_from,
)
from novin_ml.federated.app.deployment import serve_boosting_homes, serve_homes
from novin_ml.federated.app.running import (
    QUIET,
    Link,
    join,
    register,
    run_app,
    serve_link,
    write_app,
)
from novin_ml.federated.app.server import serve, server_app
from novin_ml.federated.app.simulation import train_on_flower, write_rows

__all__ = [
    "QUIET",
    "Link",
    "boosting_config",
    "boosting_settings_from",
    "client_app",
    "home_of",
    "join",
    "register",
    "run_app",
    "run_config",
    "serve",
    "serve_boosting_homes",
    "serve_homes",
    "serve_link",
    "server_app",
    "settings_from",
    "train_boosting_on_flower",
    "train_on_flower",
    "write_app",
    "write_rows",
]
