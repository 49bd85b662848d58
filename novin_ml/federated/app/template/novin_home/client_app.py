"""A home of the federation."""

from novin_ml.federated.app.client import client_app

app = client_app()
