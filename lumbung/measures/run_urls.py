from django.urls import path

from lumbung.measures import case_pages, compare_pages, run_pages

app_name = "runs"
urlpatterns = [
    path("kelas/", run_pages.runs, name="runs"),
    path("kelas/hitung/", run_pages.start_run, name="start_run"),
    path("kelas/banding/", compare_pages.compare, name="compare"),
    path("kelas/<uuid:uid>/", run_pages.run, name="run"),
    path("kelas/<uuid:uid>/putuskan/", run_pages.decide_run, name="decide_run"),
    path("kelas/<uuid:uid>/ulang/", run_pages.repeat_run, name="repeat_run"),
    path("kelas/<uuid:uid>/berkas/", case_pages.open_cases, name="open_cases"),
]
