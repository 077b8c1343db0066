"""A matter that asks once more who it is: told beforehand, asked when it is filed, and back to the same draft."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.singles import Singles
from yiwang.kernel.cases.models import Case
from yiwang.kernel.packs import queries as packs
from yiwang.services.applications import actions
from yiwang.services.applications.contracts import AssuranceNeeded
from yiwang.services.matters._check import check_matter
from yiwang.services.matters.kinds import MatterPack
from yiwang.support.login.contracts import Assurance

pytestmark = pytest.mark.django_db
MATTER = "992009001003"


def answers(singles: Singles) -> dict[str, Any]:
    return {
        "phone": singles.world.mother.phone, "residence_address": "安澜市临江区江畔街道柳岸社区9号", "reason": "lost",
        "is_low_income": "false", "truthful": "true",
    }  # fmt: skip


def test_from_the_form_over_the_confirmation_back_to_the_draft(
    singles: Singles, client_as: Callable[[str], Client]
) -> None:
    mother, here = client_as("mother"), f"/apply/{singles.code(MATTER, 'police-household')}"
    assert "可能被人冒领" in mother.get(here.replace("/apply/", "/matters/")).content.decode()
    assert 'id="unsure"' in mother.get(f"{here}/form").content.decode()
    mother.post(f"{here}/form", answers(singles))
    assert mother.post(f"{here}/materials", {"next": "1"})["Location"] == f"{here}/review"
    stepped = mother.post(f"{here}/review", {"once": "a" * 32})
    assert stepped.status_code == 302
    assert stepped["Location"].startswith("/login/confirm?level=2&next=")
    assert not Case.objects.exists()
    asked = mother.get(stepped["Location"])
    form = {"method": "sms", "level": "2", "next": asked.context["next"]}
    code = mother.post("/login/confirm", form).context["demo_code"]
    assert mother.post("/login/confirm", form | {"secret": code})["Location"] == f"{here}/review"
    page = mother.get(f"{here}/review").content.decode()
    assert "柳岸社区9号" in page
    assert 'id="unsure"' not in page
    assert "/receipt" in mother.post(f"{here}/review", {"once": "a" * 32})["Location"]
    assert Case.objects.count() == 1


def test_no_door_forgets_it(singles: Singles, client_as: Callable[[str], Client]) -> None:
    code, by = singles.code(MATTER, "police-household"), singles.world.actor("mother")
    filing: dict[str, Any] = {"code": code, "answers": answers(singles), "materials": {}, "once": "b" * 32, "by": by}
    with pytest.raises(AssuranceNeeded):
        actions.file(**filing, at=timezone.now())
    path, body = f"/api/applications/matters/{code}/filings", {"answers": answers(singles)}
    sent = client_as("mother").post(path, body, content_type="application/json", headers={"Idempotency-Key": "c" * 32})
    assert (sent.status_code, sent.json()["code"]) == (403, "applications.assurance-needed")
    assert actions.file(**filing, assurance=Assurance.CODE, at=timezone.now()).number


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"assurance_why": None}, "assurance_why"),
        ({"stands_alone": False}, "assurance"),
        ({"channels": ("web",)}, "channels"),
        ({"assurance": 1}, "assurance_why"),
    ],
)
def test_a_level_is_explained_and_shuts_nobody_out(changes: dict[str, Any], where: str) -> None:
    pack = packs.get("Matter", "anlan.police.residence-permit-replacement")
    assert not list(check_matter(pack, packs.current()))
    body = pack.as_type(MatterPack).model_copy(update=changes)
    said = [each.where for each in check_matter(pack.__class__(**_parts(pack) | {"body": body}), packs.current())]
    assert where in said


def _parts(pack: Any) -> dict[str, Any]:
    return {name: getattr(pack, name) for name in pack.__dataclass_fields__}
