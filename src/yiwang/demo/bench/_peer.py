"""SpiffWorkflow on the same four steps, each loaded from and saved to PostgreSQL in a transaction of its own.

It keeps no access rule, no audit, no clock and no ledger. Its parsed specification stays in memory and only the
running instance is stored: the fastest of its own ways that was found (its whole JSON costs a third more).
"""

import json
from pathlib import Path
from typing import Any

import psycopg
from lxml import etree
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

STEPS = ("intake", "site", "papers", "decide")
_BPMN = Path(__file__).with_name("joint-review.bpmn")
_SPEC = ("spec", "subprocess_specs")


class Peer:
    """The process, parsed once."""

    def __init__(self) -> None:
        parser = BpmnParser()
        parser.add_bpmn_xml(etree.fromstring(_BPMN.read_bytes()))
        self._spec = parser.get_spec("joint-review")
        self._serializer = BpmnWorkflowSerializer()
        whole = self._serializer.to_dict(self._begun())
        self._shared = {name: whole[name] for name in _SPEC}

    def in_memory(self) -> None:
        """One whole life on the engine alone."""
        running = self._begun()
        for step in STEPS:
            _take(running, step)
        _require_done(running)

    def stored(self, connection: "psycopg.Connection[Any]") -> None:
        """One whole life, five transactions."""
        with connection.transaction():
            row = connection.execute(
                "INSERT INTO bench_peer (state) VALUES (%s) RETURNING id", [self._written(self._begun())]
            ).fetchone()
        assert row is not None
        for step in STEPS:
            with connection.transaction():
                found = connection.execute("SELECT state FROM bench_peer WHERE id = %s FOR UPDATE", row).fetchone()
                assert found is not None
                running = self._serializer.from_dict({**json.loads(found[0]), **self._shared})
                _take(running, step)
                connection.execute("UPDATE bench_peer SET state = %s WHERE id = %s", [self._written(running), row[0]])
        _require_done(running)

    def _begun(self) -> BpmnWorkflow:
        running = BpmnWorkflow(self._spec)
        _go_on(running)
        return running

    def _written(self, running: BpmnWorkflow) -> str:
        state = self._serializer.to_dict(running)
        return json.dumps({name: part for name, part in state.items() if name not in _SPEC})


def make_table(connection: "psycopg.Connection[Any]") -> None:
    connection.execute("CREATE TABLE IF NOT EXISTS bench_peer (id bigserial PRIMARY KEY, state text NOT NULL)")


def _take(running: BpmnWorkflow, step: str) -> None:
    next(task for task in running.get_tasks(state=TaskState.READY) if task.task_spec.name == step).run()
    _go_on(running)


def _go_on(running: BpmnWorkflow) -> None:
    """Run what needs nobody; leaner than the engine's own loop, which looks at every task twice."""
    while ready := [task for task in running.get_tasks(state=TaskState.READY) if not task.task_spec.manual]:
        for task in ready:
            task.run()


def _require_done(running: BpmnWorkflow) -> None:
    if not running.completed:
        raise RuntimeError("SpiffWorkflow did not come to the end of the process")
