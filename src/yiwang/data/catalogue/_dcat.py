"""Entries in the words of DCAT-AP 3.0.1, as JSON-LD: a catalogue with datasets, their access pages, publishers and records. Pure."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from yiwang.data.catalogue.contracts import Cycle, Opening, Sharing
from yiwang.data.catalogue.models import Resource
from yiwang.kernel.orgs.contracts import OrgView

Node = dict[str, Any]
CONTEXT: Node = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
PROFILE = "https://semiceu.github.io/DCAT-AP/releases/3.0.1"
_EU = "http://publications.europa.eu/resource/authority"
_FREQUENCY = {
    Cycle.REALTIME: "CONT", Cycle.DAILY: "DAILY", Cycle.WEEKLY: "WEEKLY", Cycle.MONTHLY: "MONTHLY",
    Cycle.QUARTERLY: "QUARTERLY", Cycle.YEARLY: "ANNUAL", Cycle.IRREGULAR: "IRREG",
}  # fmt: skip


def catalogue(rows: Iterable[Resource], names: Mapping[int, OrgView], *, base: str, title: str, by: str) -> Node:
    """One catalogue of these entries; `base` is where this site answers, `by` who keeps the catalogue."""
    found = list(rows)
    return {
        "@context": CONTEXT,
        "@id": f"{base}/api/catalogue/dcat",
        "@type": "dcat:Catalog",
        "dct:title": _zh(title),
        "dct:description": _zh(f"{by}编制的政务数据目录。"),
        "dct:publisher": _agent(f"{base}/#publisher", by),
        "dct:language": {"@id": f"{_EU}/language/ZHO", "@type": "dct:LinguisticSystem"},
        "dcat:dataset": [_dataset(row, names[row.org_id], base) for row in found],
        "dcat:record": [_record(row, base) for row in found],
    }


def turtle(found: Node) -> str:
    """The same graph as Turtle."""
    from rdflib import Graph

    return Graph().parse(data=json.dumps(found), format="json-ld").serialize(format="turtle")


def _dataset(row: Resource, org: OrgView, base: str) -> Node:
    page = f"{base}/desk/catalogue/resources/{row.code}"
    node: Node = {
        "@id": f"{base}/api/catalogue/resources/{row.code}",
        # A record's topic must be a dcat:Resource; the shapes do not know that a dataset is one.
        "@type": ["dcat:Dataset", "dcat:Resource"],
        "dct:identifier": row.code,
        "dct:title": _zh(row.title),
        "dct:description": _zh(row.summary),
        "dct:publisher": _agent(f"urn:uscc:{org.uscc}", org.name),
        "dct:accessRights": {"@id": f"{_EU}/access-right/{_access(row)}", "@type": "dct:RightsStatement"},
        "dct:accrualPeriodicity": {
            "@id": f"{_EU}/frequency/{_FREQUENCY[Cycle(row.update_cycle)]}", "@type": "dct:Frequency",
        },
        "dct:modified": _moment(row.revised_at),
        "dcat:keyword": [_zh(word) for word in row.keywords],
        "dcat:landingPage": {"@id": page, "@type": "foaf:Document"},
        "dcat:distribution": {
            "@id": f"{page}#access", "@type": "dcat:Distribution", "dct:title": _zh(row.title),
            "dcat:accessURL": {"@id": page, "@type": "rdfs:Resource"},
        },
    }  # fmt: skip
    if row.published_on:
        node["dct:issued"] = {"@value": row.published_on.isoformat(), "@type": "xsd:date"}
    if row.contact:
        node["dcat:contactPoint"] = _contact(row)
    return node


def _record(row: Resource, base: str) -> Node:
    return {
        "@id": f"{base}/api/catalogue/resources/{row.code}#record",
        "@type": "dcat:CatalogRecord",
        "dct:modified": _moment(row.revised_at),
        "dct:conformsTo": {"@id": PROFILE, "@type": "dct:Standard"},
        "foaf:primaryTopic": {"@id": f"{base}/api/catalogue/resources/{row.code}"},
    }


def _contact(row: Resource) -> Node:
    node: Node = {"@type": "vcard:Kind", "vcard:fn": row.contact}
    if row.phone:
        node["vcard:hasTelephone"] = {"@id": f"tel:{row.phone.replace(' ', '')}"}
    return node


def _agent(address: str, name: str) -> Node:
    return {"@id": address, "@type": "foaf:Agent", "foaf:name": _zh(name)}


def _access(row: Resource) -> str:
    """Who may use it at all: open to everybody, to other authorities, or to none but its own."""
    if row.opening == Opening.OPEN:
        return "PUBLIC"
    return "NON_PUBLIC" if row.sharing == Sharing.REFUSED else "RESTRICTED"


def _zh(text: str) -> Node:
    return {"@value": text, "@language": "zh"}


def _moment(at: datetime) -> Node:
    return {"@value": at.isoformat(), "@type": "xsd:dateTime"}
