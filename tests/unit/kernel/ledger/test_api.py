"""What anyone may ask of the ledger over HTTP."""

import json

import pytest
from django.test import Client

from tests.unit.kernel.ledger.test_ledger import SHA, add, numbered
from yiwang.kernel.ledger import _tree

pytestmark = pytest.mark.django_db


def test_a_stranger_checks_a_leaf_with_the_api_alone(client: Client) -> None:
    ids = numbered(5)
    got = client.get(f"/api/ledger/proof/{ids[3]}").json()
    leaf = _tree.leaf_hash(SHA, got["leaf_data"].encode())
    path = [bytes.fromhex(step) for step in got["path"]]
    root = _tree.root_from_path(SHA, leaf, got["index"], got["checkpoint"]["tree_size"], path)
    assert root is not None
    assert root.hex() == client.get("/api/ledger/checkpoint").json()["root"]


def test_a_watcher_rebuilds_the_tree_from_the_entries(client: Client) -> None:
    numbered(7)
    tree = _tree.Frontier(SHA)
    for entry in client.get("/api/ledger/entries?count=1000").json():
        tree.append(_tree.leaf_hash(SHA, entry["leaf_data"].encode()))
    assert tree.root().hex() == client.get("/api/ledger/checkpoint").json()["root"]


def test_consistency_is_told_between_any_two_checkpoints(client: Client) -> None:
    numbered(3)
    numbered(4)
    got = client.get("/api/ledger/consistency?old=3").json()
    assert (got["old"]["tree_size"], got["new"]["tree_size"]) == (3, 7)


def test_envelopes_tell_no_content(client: Client) -> None:
    numbered(1)
    (entry,) = client.get("/api/ledger/entries").json()
    assert set(json.loads(entry["leaf_data"])) == {"v", "hash", "kind", "subject", "commitment", "recorded_at"}


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("proof/999999", 404, "ledger.leaf-not-found"),
        ("checkpoint", 404, "ledger.not-in-tree"),
        ("checkpoint?tree_size=5", 404, "ledger.not-in-tree"),
        ("consistency?old=5", 404, "ledger.not-in-tree"),
    ],
)
def test_what_is_not_there_is_a_problem_document(client: Client, address: str, status: int, code: str) -> None:
    answer = client.get(f"/api/ledger/{address}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["hint"]


@pytest.mark.parametrize("address", ["proof/-1", f"proof/{2**70}", "consistency?old=0", "entries?count=1001"])
def test_numbers_out_of_bounds_are_refused(client: Client, address: str) -> None:
    assert client.get(f"/api/ledger/{address}").status_code == 422


def test_a_leaf_without_number_says_when_to_come_back(client: Client) -> None:
    answer = client.get(f"/api/ledger/proof/{add()[0]}")
    assert (answer.status_code, answer.json()["code"]) == (503, "ledger.not-yet-numbered")
