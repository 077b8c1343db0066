"""Wiring of kernel.rules."""

from django.apps import AppConfig


class RulesConfig(AppConfig):
    name = "yiwang.kernel.rules"
    label = "rules"

    def ready(self) -> None:
        from yiwang.kernel.access.contracts import declare_permissions
        from yiwang.kernel.design.contracts import register_rail
        from yiwang.kernel.packs.contracts import register
        from yiwang.kernel.rules import _check, _rail, kinds, queries

        declare_permissions({queries.TRY: "试算规则"})
        register_rail(_rail.entries)

        register(kinds.PARAMETER, kinds.ParameterPack)
        register(kinds.RULE, kinds.RulePack, check=_check.rule_holds_together, examples=_check.rule_examples_hold)
        register(
            kinds.DECISION_TABLE,
            kinds.DecisionTablePack,
            check=_check.table_holds_together,
            examples=_check.table_examples_hold,
        )
        register(
            kinds.DERIVED_FACT,
            kinds.DerivedFactPack,
            check=_check.derived_holds_together,
            examples=_check.derived_examples_hold,
        )
