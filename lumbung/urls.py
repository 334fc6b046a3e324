"""All addresses. Each package keeps its own; words in addresses are Indonesian."""

from django.urls import include, path

from lumbung.api import api, documentation

urlpatterns = [
    path("api", documentation, name="documentation"),
    path("api/v1/", api.urls),
    path("", include("lumbung.pages.urls")),
    path("", include("lumbung.desk.urls")),
    path("", include("lumbung.archive.urls")),
    path("", include("lumbung.work.urls")),
    path("", include("lumbung.programmes.urls")),
    path("", include("lumbung.measures.urls")),
    path("", include("lumbung.measures.runs.urls")),
    path("", include("lumbung.evidence.urls")),
    path("", include("lumbung.imports.urls")),
    path("", include("lumbung.accounts.urls")),
]
handler400 = "lumbung.pages.views.unread"
handler403 = "lumbung.pages.views.forbidden"
handler404 = "lumbung.pages.views.not_found"
handler500 = "lumbung.pages.views.broken"
