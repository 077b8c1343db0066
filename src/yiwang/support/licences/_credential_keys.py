"""What is published of the keys that sign credentials, and whether a credential was made by one of them."""

import json
from typing import Any
from urllib.parse import quote, urlsplit

from yiwang.support.licences import _credential
from yiwang.support.licences.models import CredentialKey


def issuer_id(base: str) -> str:
    """The place's decentralised identifier: did:web of the address that it is reached under."""
    return f"did:web:{quote(urlsplit(base).netloc, safe='')}"


def published(base: str) -> dict[str, Any]:
    """The controlled identifier document (`/.well-known/did.json`): every key whose credentials are believed, and the next."""
    issuer = issuer_id(base)
    rows = CredentialKey.objects.filter(retired_at=None).order_by("pk")
    methods = [
        {"id": f"{issuer}#{row.public}", "type": "Multikey", "controller": issuer, "publicKeyMultibase": row.public}
        for row in rows
    ]
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": issuer,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


def read(data: bytes) -> dict[str, Any] | None:
    """A credential out of an uploaded file; None for anything else."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("proof"), dict) else None


def is_ours(document: dict[str, Any]) -> tuple[bool, bool]:
    """Whether a key of ours that is believed made the proof, and whether the proof fits what the document says."""
    method = str(document["proof"].get("verificationMethod", "")).rpartition("#")[2][:80]
    row = CredentialKey.objects.filter(public=method, retired_at=None).first()
    return row is not None, bool(row and _credential.is_sound(document, _credential.key_of(row.public)))
