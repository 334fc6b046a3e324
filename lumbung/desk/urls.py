from django.urls import path

from lumbung.desk import views

app_name = "desk"
urlpatterns = [
    path("", views.home, name="home"),
    path("wilayah/", views.home, name="places"),
    path("program/", views.home, name="programmes"),
]
