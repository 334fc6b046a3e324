from django.urls import path

from lumbung.archive import views

app_name = "archive"
urlpatterns = [
    path("wilayah/<str:code>/data/", views.export, name="export"),
    path("data/<uuid:uid>/", views.download, name="download"),
]
