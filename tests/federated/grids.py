"""flwr's grid without its processes."""

import numpy as np
import pytest

pytest.importorskip("flwr", reason="flwr is not installed; make test-federated has it.")

from flwr.app import Context, RecordDict
from flwr.proto.node_pb2 import NodeInfo
from flwr.serverapp import Grid
from flwr.supercore.task_identity import TaskIdentity

from novin_ml.federated.app import client_app


class GridHere(Grid):
    """flwr's grid with its nodes in this process; keeps what they send."""

    def __init__(self, run_config, nodes):
        TaskIdentity.run_id = TaskIdentity.node_id = TaskIdentity.task_id = 1
        self.app, self.sent, self.waiting = client_app(), [], {}
        self.run_config, self.nodes = run_config, nodes

    def set_run(self, run):
        raise NotImplementedError

    run = create_message = None

    def get_node_ids(self):
        return [node.node_id for node in self.get_nodes()]

    def get_nodes(self):
        # As flwr numbers nodes: at random.
        numbers = np.random.default_rng(0).permutation(len(self.nodes)) + 1
        names = [node.get("home", "") for node in self.nodes]
        return [
            NodeInfo(node_id=int(number), name=name)
            for number, name in zip(numbers, names, strict=True)
        ]

    def push_messages(self, messages):
        node_of = dict(zip(self.get_node_ids(), self.nodes, strict=True))
        for message in messages:
            message.metadata.__dict__["_message_id"] = f"m{len(self.sent) + len(self.waiting)}"
            number = message.metadata.dst_node_id
            TaskIdentity.node_id = number
            context = Context(1, number, node_of[number], RecordDict(), self.run_config)
            self.waiting[message.metadata.message_id] = self.app(message, context)
            yield message.metadata.message_id

    def pull_messages(self, message_ids):
        found = [self.waiting.pop(number) for number in list(self.waiting)[::-1]]
        self.sent += found
        return found

    def send_and_receive(self, messages, *, timeout=None):
        raise NotImplementedError
