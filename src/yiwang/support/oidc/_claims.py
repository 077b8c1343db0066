"""What a scope can tell of whoever signs in, where it comes from, and whose record says that it was told."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from yiwang.kernel.base.contracts import Actor, ActorKind
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import MandateKind
from yiwang.support.oidc.contracts import Claim

Value = str | bool | list[dict[str, str]]

CLAIMS = {
    claim.name: claim
    for claim in (
        Claim("name", "姓名", "person.name", "name"),
        Claim("id_type", "证件类型", "person.id-type"),
        Claim("id_number", "证件号码", "person.id-number", "id"),
        Claim("phone_number", "手机号码", "person.phone", "phone"),
        Claim("phone_number_verified", "手机号码是否核验", "person.phone"),
        Claim("firm_name", "企业名称", "firm.name"),
        Claim("firm_uscc", "统一社会信用代码", "firm.uscc"),
        Claim("firm_authority_until", "经办授权截止日"),
        Claim("staff_name", "工作人员姓名"),
        Claim("staff_number", "工号"),
        Claim("posts", "岗位"),
    )
}


@dataclass
class Told:
    """Values by claim, and which elements of whom they are."""

    values: dict[str, Value] = field(default_factory=dict)
    elements: dict[str, set[str]] = field(default_factory=dict)


def audience_of(by: Actor, *, at: datetime) -> str:
    """As what somebody signs in: `person`, `firm` (an agent of one) or `staff`."""
    if by.kind is ActorKind.STAFF:
        return "staff"
    return "firm" if firm_mandate(by) else "person"


def firm_mandate(by: Actor) -> int | None:
    """The mandate by which somebody acts for a firm; helping another person is no way to sign in elsewhere."""
    if by.mandate_id is None:
        return None
    found = people.mandate(by.mandate_id)
    return found.id if found.kind is MandateKind.FIRM_AGENT else None


def read(by: Actor, names: Iterable[str]) -> Told:
    """The values of these claims that there are for `by`."""
    wanted, told = set(names), Told()
    if by.party_id is not None:
        _of_person(by.party_id, wanted, told)
    if (mandate_id := firm_mandate(by)) is not None:
        _of_firm(mandate_id, wanted, told)
    if by.kind is ActorKind.STAFF and by.account_id is not None:
        _of_staff(by, wanted, told)
    return told


def _of_person(party_id: int, wanted: set[str], told: Told) -> None:
    party = people.party(party_id)
    values: dict[str, Value] = {
        "name": party.name,
        "id_type": party.id_type,
        "id_number": party.id_number,
        "phone_number": party.phone or "",
        "phone_number_verified": bool(party.phone),
    }
    _keep(values, wanted, told, party.subject_key)


def _of_firm(mandate_id: int, wanted: set[str], told: Told) -> None:
    mandate = people.mandate(mandate_id)
    firm = people.party(mandate.principal_id)
    values: dict[str, Value] = {
        "firm_name": firm.name,
        "firm_uscc": firm.id_number,
        "firm_authority_until": mandate.ends_on.isoformat(),
    }
    _keep(values, wanted, told, firm.subject_key)


def _of_staff(by: Actor, wanted: set[str], told: Told) -> None:
    units = orgs.named({post.org_id for post in by.posts})
    posts = [
        {"title": post.title, "type": post.post_type, "unit": units[post.org_id].name, "uscc": units[post.org_id].uscc}
        for post in by.posts
    ]
    values: dict[str, Value] = {"staff_name": by.name, "staff_number": _number(by), "posts": posts}
    # Who holds which post is no secret of a person's: it is not put before them as one.
    _keep(values, wanted, told, "")


def _number(by: Actor) -> str:
    return people.account(by.account_id or 0).username


def _keep(values: dict[str, Value], wanted: set[str], told: Told, subject_key: str) -> None:
    for name, value in values.items():
        if name in wanted and value not in ("", []):
            told.values[name] = value
            if subject_key and CLAIMS[name].element:
                told.elements.setdefault(subject_key, set()).add(CLAIMS[name].element)
