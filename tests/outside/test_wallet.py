"""Somebody else's verifier (Digital Bazaar's, npm) takes our credentials, and refuses what was changed in them."""

import json
import subprocess
from pathlib import Path
from typing import Any

from django.utils import timezone

from tests.world import World
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.site import assets
from yiwang.support.licences import actions, queries
from yiwang.support.licences.contracts import Holder

SCRIPT = Path(__file__).with_name("verify_credential.mjs")
BASE = "https://anlan.example"


def test_a_credential_of_ours_passes_and_a_changed_one_does_not(world: World) -> None:
    now, neighbour = timezone.now(), world.neighbour
    card = actions.issue(
        type_id="senior-card",
        holder=Holder("周敏", "111", neighbour.id_number),
        issuer_org_id=world.org("health").id,
        fields={"name": "周敏", "id_number": neighbour.id_number, "born_on": "1948-11-02", "sex": "2"},
        by=world.actor("health.approver"),
        at=now,
    )
    made = actions.credential(licence_id=card.id, base=BASE, by=SYSTEM, at=now)
    changed = {**made, "credentialSubject": {**made["credentialSubject"], "holderName": "陈敏"}}
    keys = queries.did_document(BASE)
    assert _judged([made, changed], keys) == [True, "Error: Invalid signature."]


def _judged(documents: list[dict[str, Any]], keys: dict[str, Any]) -> Any:
    command: list[str | Path] = [assets.node(), SCRIPT, assets.test_folder()]
    asked = json.dumps([{"document": each, "keys": keys} for each in documents])
    done = subprocess.run(command, input=asked, capture_output=True, text=True, check=True, timeout=60)
    return json.loads(done.stdout)
