"""Wiring of support.licences."""

from django.apps import AppConfig


class LicencesConfig(AppConfig):
    name = "yiwang.support.licences"
    label = "licences"
    default_auto_field = "django.db.models.BigAutoField"
    append_only = ("LicenceVersion", "LicenceEvent")

    def ready(self) -> None:
        from yiwang.kernel.access.contracts import declare_permissions
        from yiwang.kernel.base.events import subscribe
        from yiwang.kernel.cases.contracts import register_effect
        from yiwang.kernel.design.contracts import NavItem, register_nav, register_rail
        from yiwang.kernel.forms.contracts import register_fact_source
        from yiwang.kernel.packs.contracts import Text, register
        from yiwang.support.licences import _effects, _facts, _rail, _rows, kinds

        register(kinds.LICENCE_TYPE, kinds.LicenceTypePack, check=kinds.check, examples=kinds.examples)
        register(kinds.USE_POLICY, kinds.LicenceUsePolicy, check=kinds.check_policy)
        register(kinds.PROOF_LIST, kinds.ProofListPack, check=kinds.check_list)
        register_fact_source(
            _facts.NAME, _facts.FAMILIES, _facts.LicenceFacts(), title=Text("电子证照", "electronic certificates")
        )
        register_effect("licences.identify_holder", _effects.identify_holder)
        for name in _rows.EVENT_NAMES.values():
            subscribe(f"licences.licence.{name}", "yiwang.support.licences.listeners.licence_changed")
        subscribe("licences.batch.started", "yiwang.support.licences.listeners.batch_started", apart=True)
        register_nav(NavItem("证照查验", "licence-ask", order=70))
        register_nav(NavItem("开证明", "proofs", order=71))
        register_rail(_rail.entries)
        declare_permissions(
            {
                "licences.ask": "为办事调用证照（加注件）",
                "licences.view": "查看本单位证照台账",
                "licences.issue": "签发、变更证照",
                "licences.suspend": "暂扣、发还证照",
                "licences.revoke": "撤销、吊销、注销证照",
            }
        )
