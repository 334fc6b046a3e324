from django.urls import path

from lumbung.evidence import views

app_name = "evidence"
urlpatterns = [
    path("bukti/", views.all_evidence, name="all"),
    path("bukti/<uuid:uid>/", views.evidence, name="evidence"),
    path("bukti/<uuid:uid>/berkas", views.download, name="download"),
    path("bukti/<uuid:uid>/kecil", views.thumbnail, name="thumbnail"),
    path("bukti/<uuid:uid>/tarik", views.void_evidence, name="void_evidence"),
]
