from django.urls import path

from lumbung.measures.runs import cases, comparison, views

app_name = "runs"
urlpatterns = [
    path("kelas/", views.runs, name="runs"),
    path("kelas/hitung/", views.start_run, name="start_run"),
    path("kelas/banding/", comparison.compare, name="compare"),
    path("kelas/<uuid:uid>/", views.run, name="run"),
    path("kelas/<uuid:uid>/putuskan/", views.decide_run, name="decide_run"),
    path("kelas/<uuid:uid>/ulang/", views.repeat_run, name="repeat_run"),
    path("kelas/<uuid:uid>/berkas/", cases.open_cases, name="open_cases"),
]
