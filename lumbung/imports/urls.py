from django.urls import path

from lumbung.imports import views

app_name = "imports"
urlpatterns = [
    path("impor/", views.imports, name="imports"),
    path("impor/jenis/<slug:kind>/", views.upload, name="upload"),
    path("impor/jenis/<slug:kind>/contoh/", views.template, name="template"),
    path("impor/<uuid:uid>/", views.review, name="review"),
    path("impor/<uuid:uid>/keliru/", views.faults, name="faults"),
    path("impor/<uuid:uid>/nama/", views.names, name="names"),
    path("impor/<uuid:uid>/batalkan/", views.undo, name="undo"),
]
