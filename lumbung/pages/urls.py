from django.urls import path

from lumbung.pages import views

app_name = "pages"
urlpatterns = [
    path("bahasa", views.language, name="language"),
    path("healthz", views.health, name="health"),
]
