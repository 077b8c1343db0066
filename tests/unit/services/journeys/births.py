"""What the tests of a birth do over and over: file it, take it in, certify it, answer for the outside systems."""

from io import BytesIO
from typing import Any

from PIL import Image

from tests.families import Family
from tests.world import AT, make_id_number
from yiwang.kernel.base.contracts import Actor, ActorKind
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView, OutsideKind
from yiwang.kernel.cases.models import OutsideCall
from yiwang.kernel.files import actions as files
from yiwang.services.applications.contracts import MaterialInput
from yiwang.services.journeys import actions

CHILD_ID = make_id_number("990102202611203", 2)
MACHINE = Actor(kind=ActorKind.MACHINE, name="户籍系统")


def uploaded(family: Family, *keys: str) -> dict[str, MaterialInput]:
    """A picture for each material, from the mother."""
    picture = BytesIO()
    Image.new("RGB", (40, 50), "white").save(picture, "PNG")
    found = {}
    for key in keys:
        picture.seek(0)
        ref = files.store(
            stream=picture,
            filename=f"{key}.png",
            purpose="application-material",
            owner_party_id=family.world.mother.id,
            by=family.world.actor("mother"),
            at=AT,
        )
        found[key] = MaterialInput(file_id=ref.id)
    return found


def filed(
    family: Family,
    by: str = "mother",
    once: str = "k1",
    materials: dict[str, MaterialInput] | None = None,
    **changes: Any,
) -> CaseView:
    return actions.file(
        journey_id=family.journey_id,
        region_code=family.region,
        answers=family.answers(**changes),
        materials=materials or {},
        once=once,
        by=family.world.actor(by),
        at=AT,
    )


def accepted(family: Family, case: CaseView) -> CaseView:
    return engine.advance(
        case_id=case.id, step="intake", choice="accept", by=family.world.actor("service-centre.clerk"), at=AT
    )


def parts(case: CaseView) -> dict[str, str]:
    """Each slot with how it stands."""
    return {slot.slot: slot.status.value for slot in cases.family(case.id, at=AT).slots}


def member(case: CaseView, slot: str) -> CaseView:
    found = next(each.case for each in cases.family(case.id, at=AT).slots if each.slot == slot)
    assert found is not None
    return found


def certify(family: Family, case: CaseView, slot: str = "certificate") -> None:
    engine.advance(
        case_id=member(case, slot).id,
        step="record",
        choice="issue",
        form={"attendant": "FY2026-1123", "gestation_weeks": 39, "weight_grams": 3250},
        by=family.world.actor("hospital.clerk"),
        at=AT,
    )


def reported(case: CaseView, slot: str, choice: str, grounds: str = "", **data: Any) -> None:
    task = member(case, slot).steps_open[0]
    call = OutsideCall.objects.get(task=task.id)
    engine.report_outside(
        system=call.system,
        message_id=f"m-{call.reference}",
        reference=call.reference,
        kind=OutsideKind.RESULT,
        payload={"choice": choice, "data": data, "grounds": grounds},
        by=MACHINE,
        at=AT,
    )


def answers_of(case: CaseView) -> dict[str, Any]:
    found: dict[str, Any] = cases.data(case.id)["answers"]
    return found


def finished(family: Family, case: CaseView) -> CaseView:
    """Everybody does their part."""
    certify(family, case)
    reported(case, "registration", "granted", child_id_number=CHILD_ID)
    reported(case, "card", "granted", card_no="SC0000001", card_made_on="2026-11-25")
    reported(case, "insurance", "granted", insured_no="YB0000000001", enrolled_on="2026-11-24")
    reported(case, "insurance", "paid", premium_paid_on="2026-11-24")
    engine.advance(
        case_id=member(case, "vaccination").id,
        step="record",
        choice="issue",
        by=family.world.actor("clinic.clerk"),
        at=AT,
    )
    return cases.peek(case.id, at=AT)
