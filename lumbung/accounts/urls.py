"""The door of the house, and the people behind it.

Of allauth only what is used here stands below, under allauth's own names, which its
code looks up. There is no sign-up, no e-mail and no password reset by mail.
"""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.usersessions import views as sessions
from django.urls import include, path

from lumbung.accounts import keys, openid_views, people, trail, views

app = [
    path("akun/", views.account, name="account"),
    path("akun/contoh/", views.enter_demo, name="enter_demo"),
    path("akun/tautan/", views.find_link, name="find_link"),
    path("akun/tautan/<slug:secret>/", views.use_link, name="use_link"),
    path("akun/layanan/", openid_views.openid_out, name="openid_out"),
    path("akun/layanan/kembali/", openid_views.openid_back, name="openid_back"),
    path("akun/layanan/lepas/", openid_views.openid_unlink, name="openid_unlink"),
    path("akun/token/", views.make_token, name="make_token"),
    path("akun/token/<uuid:uid>/", views.revoke_token, name="revoke_token"),
    path("peran/", views.roles, name="roles"),
    path("jejak/", trail.trail, name="trail"),
    path("orang/", people.people, name="people"),
    path("orang/undang/", people.invite_user, name="invite_user"),
    path("orang/<uuid:uid>/", people.person, name="person"),
    path("orang/<uuid:uid>/mandat/", people.give_mandate, name="give_mandate"),
    path("orang/<uuid:uid>/tautan/", people.make_reset_link, name="make_reset_link"),
    path("orang/<uuid:uid>/tutup/", people.deactivate_user, name="deactivate_user"),
    path("orang/<uuid:uid>/buka/", people.reactivate_user, name="reactivate_user"),
    path(
        "orang/<uuid:uid>/ponsel/",
        people.remove_second_factor,
        name="remove_second_factor",
    ),
    path("mandat/<uuid:uid>/akhiri/", people.end_mandate, name="end_mandate"),
]
urlpatterns = [
    path("akun/masuk/", account.login, name="account_login"),
    path("akun/keluar/", account.logout, name="account_logout"),
    path("akun/berhenti/", account.account_inactive, name="account_inactive"),
    path("akun/yakin/", account.reauthenticate, name="account_reauthenticate"),
    path("akun/sandi/", views.change_password, name="account_change_password"),
    path("akun/ponsel/", mfa.index, name="mfa_index"),
    path("akun/ponsel/masuk/", mfa.authenticate, name="mfa_authenticate"),
    path("akun/ponsel/yakin/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("akun/ponsel/pasang/", totp.activate_totp, name="mfa_activate_totp"),
    path("akun/ponsel/lepas/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("akun/kode/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "akun/kode/baru/",
        codes.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "akun/kode/unduh/",
        codes.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
    path("akun/kunci/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("akun/kunci/baru/", webauthn.add_webauthn, name="mfa_add_webauthn"),
    path("akun/kunci/masuk/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path(
        "akun/kunci/yakin/",
        webauthn.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
    path("akun/kunci/<int:number>/nama/", keys.name_key, name="mfa_edit_webauthn"),
    path("akun/kunci/<int:number>/lepas/", keys.remove_key, name="mfa_remove_webauthn"),
    path("akun/perangkat/", sessions.list_usersessions, name="usersessions_list"),
    path("", include((app, "accounts"))),
]
