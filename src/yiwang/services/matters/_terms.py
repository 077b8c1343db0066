"""The enumerations of GB/T 39046 that matters are described in, and our own two. Other apps: `contracts`."""

from enum import StrEnum


class MatterType(StrEnum):
    """事项类型, GB/T 39046 A.1."""

    LICENCE = "01"
    PENALTY = "02"
    COMPULSION = "03"
    LEVY = "04"
    PAYMENT = "05"
    INSPECTION = "06"
    CONFIRMATION = "07"
    REWARD = "08"
    RULING = "09"
    OTHER_POWER = "10"
    SERVICE = "20"

    @property
    def label(self) -> str:
        return _TYPE_TITLES[self.value]


_TYPE_TITLES = {
    "01": "行政许可",
    "02": "行政处罚",
    "03": "行政强制",
    "04": "行政征收",
    "05": "行政给付",
    "06": "行政检查",
    "07": "行政确认",
    "08": "行政奖励",
    "09": "行政裁决",
    "10": "其他行政权力",
    "20": "公共服务",
}


class HandlingType(StrEnum):
    """办件类型, GB/T 39046 A.6."""

    INSTANT = "1"  # 即办件
    PROMISED = "2"  # 承诺件
    OTHER = "9"

    @property
    def label(self) -> str:
        return {"1": "即办件", "2": "承诺件", "9": "其他"}[self.value]


class Origin(StrEnum):
    """Where a version of an implementation list came from; a pack load touches only its own."""

    PACK = "pack"
    IMPORT = "import"
    PAGE = "page"


class OrgMarkKind(StrEnum):
    """What the organisation part of a dashed code turned out to be."""

    USCC = "uscc"
    USCC_WRONG = "uscc-wrong"  # 18 signs, but not as GB 32100 has it
    USCC_SHORT = "uscc-short"  # one sign lost
    ORGANISATION_CODE = "organisation-code"  # GB 11714, with or without its dash
    OTHER = "other"  # fillers and local numbers


class SourceKind(StrEnum):
    """材料来源: where a material comes from. Only the last is asked of the applicant."""

    LICENCE = "licence"  # 证照核验
    SHARE = "share"  # 数据共享
    GENERATED = "generated"  # 系统生成
    APPLICANT = "applicant"  # 申请人提供

    @property
    def label(self) -> str:
        return {
            "licence": "证照核验",
            "share": "数据共享",
            "generated": "系统生成",
            "applicant": "申请人提供",
        }[self.value]
