"""How lists show the values of a resource: what is personal, masked by what it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from yiwang.data.catalogue.contracts import ResourceView
from yiwang.kernel.base.masking import mask_address, mask_id_number, mask_name, mask_phone
from yiwang.kernel.elements import queries as elements
from yiwang.kernel.elements.contracts import ElementType, Sensitivity

_BY_TYPE: Mapping[ElementType, Callable[[str], str]] = {
    ElementType.ID_NUMBER: mask_id_number, ElementType.PHONE: mask_phone, ElementType.ADDRESS: mask_address,
    ElementType.TEXT: mask_name,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Masks:
    """The mask of each column; one of which nothing is known is masked too."""

    masks: Mapping[str, Callable[[str], str]]

    def shown(self, column: str, value: str) -> str:
        return self.masks.get(column, _hidden)(value)


def of(resource: ResourceView) -> Masks:
    return Masks({item.name: _mask(item.element_id, item.sensitivity) for item in resource.items} | _LOCATORS)


def _mask(element_id: str, sensitivity: str) -> Callable[[str], str]:
    element = elements.find(element_id) if element_id else None
    if sensitivity == Sensitivity.GENERAL and (element is None or element.sensitivity is Sensitivity.GENERAL):
        return _plain
    return _BY_TYPE.get(element.type, _hidden) if element else _hidden


def _plain(value: str) -> str:
    return value


def _hidden(value: str) -> str:
    return "****" if value else ""


_LOCATORS: dict[str, Callable[[str], str]] = {"_batch": _plain, "_line": _plain}
