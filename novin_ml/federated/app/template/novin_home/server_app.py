"""The server of the federation."""

from novin_ml.federated.app.server import server_app

app = server_app()
