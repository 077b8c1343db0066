"""Who carries out the items of a list: settled from the codes, then from the rest of the list. No database.

Real lists write the organisation in many ways (see `OrgMarkKind`). What cannot be settled stays open: an
item without a known organisation is still recorded, and nobody is made up for it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from yiwang.services.matters._dashed_codes import OrgMark
from yiwang.services.matters._list_reader import Line
from yiwang.services.matters.contracts import OrgMarkKind


@dataclass(frozen=True, slots=True)
class Body:
    """An organisation as a list knows it; `is_named` when the list's department is certainly this body's name."""

    uscc: str
    name: str
    is_named: bool


class Bodies:
    """Credit codes of a list by department, and the departments' own."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._by_department: dict[str, Counter[str]] = defaultdict(Counter)
        self._departments: dict[str, Counter[str]] = defaultdict(Counter)
        for line in lines:
            if uscc := line.org_mark.uscc:
                self._by_department[line.department][uscc] += 1
                self._departments[uscc][line.department] += 1

    def settle(self, line: Line) -> Body | None:
        """The body of a line; every step beyond the plain one leaves a doubt on the line."""
        mark = line.org_mark
        uscc = mark.uscc or self._guess(line, mark)
        if not uscc:
            line.doubt(
                "body-unknown",
                f"{_said(mark)}，本表也没有“{line.department}”的代码。",
                "已记录但未关联单位，请补上代码。",
            )
            return None
        if mark.uscc and mark.text != mark.uscc:
            line.doubt("lower-case", f"编码中的信用代码{mark.text}有小写字母。", f"已按{mark.uscc}关联，请改正编码。")
        body = self.body(uscc)
        if body.is_named and body.name != line.department:
            what = f"编码中的机构{uscc}在本表是“{body.name}”，部门列写“{line.department}”。"
            line.doubt("body-differs", what, "已按编码归属，请核对。")
        return body

    def body(self, uscc: str) -> Body:
        """The name of a credit code: the department that uses it most, if it is that department's main code."""
        department = self._departments[uscc].most_common(1)[0][0]
        if department and self._main(department) == uscc:
            return Body(uscc, department, is_named=True)
        return Body(uscc, f"{department or '未写部门'}所属单位（{uscc}）", is_named=False)

    def _main(self, department: str) -> str:
        """A department's own code: of those that only it uses most, an agency (11…) before others, then by use."""
        own = {
            uscc: n
            for uscc, n in self._by_department[department].items()
            if self._departments[uscc].most_common(1)[0][0] == department
        }
        return max(own, key=lambda uscc: (uscc.startswith("11"), own[uscc], uscc), default="")

    def _guess(self, line: Line, mark: OrgMark) -> str:
        known = self._by_department[line.department]
        fits = [uscc for uscc in sorted(known) if _fits(mark, uscc)]
        if len(fits) == 1:
            line.doubt("body-mended", f"{_said(mark)}。", f"已按同部门的{fits[0]}关联，请改正编码。")
            return fits[0]
        main = self._main(line.department)
        if main:
            line.doubt("body-by-department", f"{_said(mark)}。", f"已按部门列关联到{main}，请核对。")
        return main


def _fits(mark: OrgMark, uscc: str) -> bool:
    if mark.organisation_code:
        return uscc[8:17] == mark.organisation_code
    if mark.kind is OrgMarkKind.USCC_SHORT:
        return any(uscc[:n] + uscc[n + 1 :] == mark.text.upper() for n in range(18))
    return False


def _said(mark: OrgMark) -> str:
    return {
        OrgMarkKind.USCC_WRONG: f"编码中的机构段{mark.text}不合信用代码的校验",
        OrgMarkKind.USCC_SHORT: f"编码中的信用代码{mark.text}少一位",
        OrgMarkKind.ORGANISATION_CODE: f"编码中是9位组织机构代码{mark.text}",
    }.get(mark.kind, f"编码中的机构段{mark.text}不是机构代码")
