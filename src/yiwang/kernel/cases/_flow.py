"""A flow ready to run: the pack's body with what the engine needs at every step worked out once."""

from collections.abc import Mapping
from dataclasses import dataclass

from yiwang.kernel.cases._graph import Scope, forward, survey
from yiwang.kernel.cases.kinds import FlowPack, Step
from yiwang.kernel.packs.contracts import Text


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow of one version; equal hashes are equal flows."""

    id: str
    version: int
    hash: str
    title: Text
    body: FlowPack
    steps: Mapping[str, Step]
    scopes: Mapping[str, Scope]
    forward: Mapping[str, set[str]]


def flow_of(body: FlowPack, content_hash: str) -> Flow:
    scopes = survey(body).scopes
    return Flow(body.id, body.version, content_hash, body.title, body, body.steps, scopes, forward(body, scopes))
