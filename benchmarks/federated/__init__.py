"""What federations reach, stand and cost; run as ``python -m benchmarks.federated``."""
