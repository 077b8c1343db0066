"""The state of the previous release: the newest migration of each app then. Renewed with each release."""

PREVIOUS = {
    "applications": "0001_initial",
    "audit": "0001_initial",
    "base": "0002_throttle",
    "cases": "0002_yellow",
    "connectors": "0002_cancelled",
    "delivery": "0001_initial",
    "feedback": "0001_initial",
    "files": "0001_initial",
    "forms": "0001_initial",
    "ledger": "0002_leafcontent_actor",
    "licences": "0002_issued_once",
    "login": "0001_initial",
    "matters": "0001_initial",
    "notify": "0001_initial",
    "orgs": "0001_initial",
    "packs": "0001_initial",
    "people": "0001_initial",
    "registries": "0001_initial",
}
