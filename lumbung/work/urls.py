from django.urls import path

from lumbung.work import views

app_name = "work"
urlpatterns = [
    path("pekerjaan/", views.jobs, name="jobs"),
    path("pekerjaan/<uuid:uid>/", views.job, name="job"),
]
