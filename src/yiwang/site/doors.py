"""An import-linter contract: an app is entered only by its doors, `actions`, `queries` and `contracts`."""

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, output

DOORS = frozenset({"actions", "queries", "contracts"})
# Their whole public side is meant to be used from above.
OPEN_APPS = frozenset({"yiwang.kernel.base", "yiwang.kernel.design"})
# What start-up wires together, and nobody else may touch.
WIRED_BY_SITE = frozenset({"pages", "api", "kinds", "listeners", "jobs"})
# Programs of the outside world, played for the demo: they may not know us, nor we them.
STANDINS = "yiwang.standins"


class DoorsContract(Contract):
    """Every import that crosses from one app into another uses a door of that app."""

    type_name = "doors"

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Look at each direct import of the graph."""
        broken = [
            (importer, imported, reason)
            for importer in sorted(graph.modules)
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if (reason := wrong(importer, imported))
        ]
        found = [(*each, _line(graph, each[0], each[1])) for each in broken]
        return ContractCheck(kept=not found, metadata={"broken": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Say for each wrong import where it is and which way is open."""
        for importer, imported, reason, line in check.metadata["broken"]:
            output.print_error(f"{importer}:{line} imports {imported}.", bold=True)
            output.print_error(f"  {reason}")
            output.new_line()


def wrong(importer: str, imported: str) -> str | None:
    """Why this import is not allowed and what to do instead; None when it is."""
    if (importer.startswith(STANDINS)) != (imported.startswith(STANDINS)):
        return "The stand-ins of outside systems and Yiwang talk over HTTP only, as the real ones do."
    target = app_of(imported)
    if target is None or target == app_of(importer):
        return None
    room, *inner = imported.removeprefix(target).lstrip(".").split(".")
    is_private = any(part.startswith("_") for part in (room, *inner))
    if not is_private and room in _open_rooms(importer, target, room):
        return None
    return (
        f"Use {target}.queries to read, {target}.actions to change, {target}.contracts for types; "
        "if what you need is not behind these doors, add it there."
    )


def app_of(module: str) -> str | None:
    """The app a module belongs to (`yiwang.<ring>.<app>`); None for the roof and what is no app."""
    parts = module.split(".")
    is_app = len(parts) >= 3 and parts[1] not in ("site", "standins")
    return ".".join(parts[:3]) if is_app else None


def _open_rooms(importer: str, target: str, room: str) -> frozenset[str]:
    if target in OPEN_APPS:
        return frozenset({room})
    return DOORS | WIRED_BY_SITE if importer.startswith("yiwang.site") else DOORS


def _line(graph: ImportGraph, importer: str, imported: str) -> int:
    details = graph.get_import_details(importer=importer, imported=imported)
    return int(details[0]["line_number"]) if details else 0
