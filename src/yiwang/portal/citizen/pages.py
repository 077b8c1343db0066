"""Every page of the citizen portal that crosses apps."""

from yiwang.portal.citizen.data_use import urlpatterns as data_use

urlpatterns = [*data_use]
