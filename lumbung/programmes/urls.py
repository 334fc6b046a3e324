from django.urls import path, re_path

from lumbung.accounts import people
from lumbung.programmes import actions, views
from lumbung.programmes.packs import views as adoption_views

app_name = "programmes"
HOLD = r"^berkas/(?P<uid>[0-9a-f-]{36})/(?P<verb>jeda|lanjutkan|buka-kembali)/$"
urlpatterns = [
    path(
        "mandat/<uuid:uid>/serahkan/",
        people.hand_over_mandate,
        {"verb": actions.hand_over_mandate},  # the open cases go along
        name="hand_over_mandate",
    ),
    path("berkas/<uuid:uid>/pindah/", views.move_case, name="move_case"),
    path("berkas/<uuid:uid>/kembali/", views.return_case, name="return_case"),
    path("berkas/<uuid:uid>/lewati/", views.override_gate, name="override_gate"),
    path("berkas/<uuid:uid>/keputusan/", views.record_decision, name="record_decision"),
    path(
        "berkas/<uuid:uid>/keputusan/<uuid:decision_uid>/",
        views.decision,
        name="decision",
    ),
    path("berkas/<uuid:uid>/bukti/", views.attach_evidence, name="attach_evidence"),
    path(
        "berkas/<uuid:uid>/bukti/<uuid:paper_uid>/tarik/",
        views.detach_evidence,
        name="detach_evidence",
    ),
    path(
        "berkas/<uuid:uid>/arsip/<uuid:evidence_uid>/",
        views.evidence_file,
        name="evidence_file",
    ),
    path(
        "berkas/<uuid:uid>/fakta/<slug:name>/", views.declare_fact, name="declare_fact"
    ),
    path(
        "program/<slug:code>/aturan/",
        adoption_views.adopt_pack_version,
        name="adopt_pack_version",
    ),
    re_path(HOLD, views.hold_case, name="hold_case"),
    path("berkas/<uuid:uid>/hentikan/", views.stop_case, name="stop_case"),
    path("berkas/<uuid:uid>/serahkan/", views.hand_over_case, name="hand_over_case"),
]
