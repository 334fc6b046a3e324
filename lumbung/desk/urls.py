from django.urls import path

from lumbung.desk import board, case, cases, editions, places, programmes, views

app_name = "desk"
urlpatterns = [
    path("", views.home, name="home"),
    path("wilayah/", places.places, name="places"),
    path("wilayah/<str:code>/", places.place, name="place"),
    path("daftar-wilayah/", editions.editions, name="editions"),
    path("cari/", places.search, name="search"),
    path("program/", programmes.programmes, name="programmes"),
    path("program/<slug:code>/", board.board, name="board"),
    path("program/<slug:code>/kabupaten/", programmes.districts, name="districts"),
    path("program/<slug:code>/berkas/", cases.cases, name="cases"),
    path("program/<slug:code>/buka/", cases.open_form, name="open_case"),
    path("berkas/", cases.all_cases, name="all_cases"),
    path("berkas/<uuid:uid>/", case.case, name="case"),
    path("paket/", views.packs, name="packs"),
    path("paket/<slug:code>/<str:version>/", views.pack, name="pack"),
]
