"""The JSON API: one line per app, its own `api.router` behind it."""

from ninja import NinjaAPI

api = NinjaAPI(title="Yiwang 一网", version="1", urls_namespace="api", docs_url=None)
