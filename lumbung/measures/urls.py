from django.urls import path

from lumbung.measures import views

app_name = "measures"
urlpatterns = [
    path("angka/<slug:kind>/", views.figure, name="figure"),
    path("angka/<slug:kind>/baris/", views.figure_rows, name="figure_rows"),
]
