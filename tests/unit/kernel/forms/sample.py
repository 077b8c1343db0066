"""The sample form of these tests: filled from registers, conditional, repeating, with uploads."""

from functools import cache
from typing import Any

from tests.world import place_packs
from yiwang.kernel.forms.kinds import FormPack
from yiwang.kernel.packs.contracts import Pack, PackSet

RAW: dict[str, Any] = {
    "kind": "Form",
    "id": "test.birth",
    "title": {"zh": "出生申请表", "en": "Birth form"},
    "purpose": "办理出生登记",
    "legal_basis": [{"title": "户口登记条例", "article": "七"}],
    "groups": [
        {
            "id": "mother",
            "title": {"zh": "母亲信息", "en": "Mother"},
            "subject": "applicant",
            "fields": [
                {"name": "mother_name", "element": "person.name", "label": "母亲姓名", "required": True},
                {"name": "mother_id", "element": "person.id-number", "label": "母亲身份号码", "required": True},
                {"name": "mother_phone", "element": "person.phone", "label": "手机号码", "required": True},
                {"name": "married", "element": "general.yes", "label": "是否已婚", "required": True},
            ],
        },
        {
            "id": "father",
            "title": "父亲信息",
            "when": "married = true",
            "fields": [
                {
                    "name": "father_id",
                    "element": "person.id-number",
                    "label": "父亲身份号码",
                    "ask": "用来查找父亲的户籍信息",
                    "required": True,
                },
            ],
        },
        {
            "id": "children",
            "title": "新生儿",
            "repeat": {"min": 1, "max": 3, "noun": {"zh": "名新生儿", "en": " newborn(s)"}},
            "subject": "applicant",
            "fields": [
                {"name": "child_name", "element": "birth.child-name", "label": "新生儿姓名", "required": True},
                {"name": "child_sex", "element": "birth.sex", "label": "性别", "required": True},
                {"name": "weight", "element": "birth.weight-grams", "label": "出生体重"},
                {"name": "note", "element": "general.note", "label": "体重说明", "required_when": "weight < 2500"},
            ],
        },
        {
            "id": "delivery",
            "title": "寄递",
            "fields": [
                {"name": "wanted", "element": "delivery.wanted", "label": "是否寄递", "required": True},
                {
                    "name": "send_to",
                    "element": "delivery.address",
                    "label": "寄递地址",
                    "when": "wanted = true",
                    "required": True,
                },
                {"name": "on", "element": "general.date", "label": "希望送达日期", "when": "wanted = true"},
                {"name": "photo", "element": "general.document", "label": "照片", "files": 2},
            ],
        },
    ],
    "checks": [
        {"code": "later", "when": '"on" >= as_of', "sentence": "希望送达日期不能早于今天。", "field": "on"},
        {"code": "not_tiny", "when": "weight >= 400", "sentence": "出生体重太轻，请核对。", "field": "weight"},
    ],
}

ANSWERS: dict[str, Any] = {
    "mother_name": "陈晓岚",
    "mother_id": "11010519491231002X",
    "mother_phone": "13900000001",
    "married": "false",
    "children": [{"child_name": "陈小宝", "child_sex": "1", "weight": "3200"}],
    "wanted": "false",
}


def pack_of(raw: dict[str, Any]) -> Pack:
    body = FormPack.model_validate(raw)
    return Pack("Form", body.id, body.version, body.title, f"hash-{body.id}", "anlan", "test.yaml", body, raw)


@cache
def place_with_form() -> PackSet:
    return PackSet([*place_packs(), pack_of(RAW)], place="anlan")
