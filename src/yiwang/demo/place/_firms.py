"""Made-up firms with right credit codes, deterministic by seed."""

import random
from collections.abc import Iterator
from datetime import date, timedelta

from stdnum.cn import uscc

from yiwang.data.registries.contracts import LegalPersonRecord, PersonRecord
from yiwang.demo.place._population import Village
from yiwang.demo.place.kinds import Names

_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def organisation_code(serial: int) -> str:
    """GB 11714: eight digits and a check sign."""
    body = f"{serial:08d}"
    check = 11 - sum(int(d) * w for d, w in zip(body, _ORG_WEIGHTS, strict=True)) % 11
    return body + {10: "X", 11: "0"}.get(check, str(check))


def credit_code(*, kind: str, county: str, serial: int) -> str:
    """A right unified social credit code: registrar and class (`91` firm, `11` agency), county, serial."""
    first = f"{kind}{county}{organisation_code(serial)}"
    return first + str(uscc.calc_check_digit(first))


def firms(
    *,
    count: int,
    villages: list[Village],
    representatives: list[PersonRecord],
    names: Names,
    seed: int,
    today: date,
) -> Iterator[LegalPersonRecord]:
    """`count` firms seated in `villages`, led by `representatives`."""
    chance = random.Random(seed + 1)
    for serial in range(1, count + 1):
        village = chance.choice(villages)
        leader = chance.choice(representatives)
        trade, industry = names.trade(chance)
        kind = chance.choices(("有限责任公司", "个人独资企业", "股份有限公司"), (8, 2, 1))[0]
        ending = {"有限责任公司": "有限公司", "个人独资企业": "商行", "股份有限公司": "股份有限公司"}
        yield LegalPersonRecord(
            uscc=credit_code(kind="91", county=village.code[:6], serial=30_000_000 + serial),
            name=f"{names.city}{names.brand(chance)}{trade}{ending[kind]}",
            kind=kind,
            legal_representative=leader.name,
            representative_key=leader.subject_key,
            region_code=village.code,
            address=f"{village.name}{chance.randrange(1, 300)}号",
            industry=industry,
            established_on=today - timedelta(days=chance.randrange(30, 9000)),
            capital_fen=chance.choice((10, 50, 100, 200, 500, 1000, 5000)) * 1_000_000,
            status=chance.choices(("open", "suspended", "cancelled", "revoked"), (92, 2, 4, 2))[0],
        )
