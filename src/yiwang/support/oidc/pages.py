"""Addresses of signing in to other systems: the protocol's own, the person's, the register's."""

from yiwang.support.oidc import _authorize_pages, _desk_pages, _developer_pages, _endpoints, _logout_pages, _own_pages

urlpatterns = [
    *_endpoints.urlpatterns,
    *_authorize_pages.urlpatterns,
    *_logout_pages.urlpatterns,
    *_own_pages.urlpatterns,
    *_desk_pages.urlpatterns,
    *_developer_pages.urlpatterns,
]
