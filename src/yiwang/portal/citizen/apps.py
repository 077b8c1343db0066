"""Wiring of portal.citizen."""

from django.apps import AppConfig


class CitizenConfig(AppConfig):
    name = "yiwang.portal.citizen"
    label = "citizen"

    def ready(self) -> None:
        from yiwang.kernel.design.contracts import NavItem, register_nav
        from yiwang.kernel.packs.contracts import register
        from yiwang.portal.citizen.kinds import HOME_PAGE, NOTICE, HomePagePack, NoticePack, themes_exist

        register(HOME_PAGE, HomePagePack, check=themes_exist)
        register(NOTICE, NoticePack)
        register_nav(NavItem("首页", "home", order=0))
        register_nav(NavItem("一件事", "journeys", order=10))
        register_nav(NavItem("附近大厅", "halls", order=80))
