"""A form after a mistake: what is wrong stands beside it, in our words."""

import re

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.utils.translation import override

from lumbung.pages.forms import DateField, Form


class Census(Form):
    """One field of each kind that people fill in."""

    kind = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    people = forms.IntegerField(min_value=0, max_value=100)
    day = DateField()
    paper = forms.FileField()


class Further(Form):
    source = forms.CharField()


def shown(**context: Form) -> str:
    summary = render_to_string("form_errors.html", context)
    fields = (
        render_to_string("field.html", {"field": field})
        for form in context.values()
        for field in form
    )
    return "".join([summary, *fields])


def test_every_link_of_the_summary_leads_to_a_field() -> None:
    page = shown(form=Census({}))

    links = re.findall(r'href="#([^"]*)"', page)
    assert len(links) == 4
    assert all(f'id="{link}"' in page for link in links)


def test_a_choice_that_was_not_made_says_so_beside_it() -> None:
    with override("id"):
        page = shown(form=Census({}))

    assert 'id="id_kind_error">Pilih salah satu.' in page


@pytest.mark.parametrize(
    ("field", "sent", "said"),
    [
        ("people", "-1", "Paling sedikit 0."),
        ("people", "101", "Paling banyak 100."),
        ("people", "", "Isi bagian ini."),
        ("day", "31 Feb", "Tulis tanggal, bulan, dan tahun, misalnya 31/12/2019."),
        ("day", "0202-01-01", "Tulis tanggal, bulan, dan tahun, misalnya 31/12/2019."),
        ("paper", "", "Pilih file."),
    ],
)
def test_a_mistake_is_named_in_our_words(field: str, sent: str, said: str) -> None:
    with override("id"):
        assert Census({field: sent}).errors[field] == [said]


def test_a_field_that_was_added_late_asks_in_the_same_words() -> None:
    form = Further({})
    form.fields["late"] = forms.CharField()
    with override("id"):
        assert form.errors["late"] == ["Isi bagian ini."]


def test_a_file_that_the_browser_forgets_is_asked_for_again() -> None:
    paper = SimpleUploadedFile("peta.jpg", b"...")
    with override("id"):
        page = shown(form=Census({}, {"paper": paper}))

    assert "Pilih filenya sekali lagi" in page


def test_two_forms_on_one_page_have_one_summary() -> None:
    with override("id"):
        page = shown(form=Census({}), more=Further({}))

    assert page.count('id="faults"') == 1
    assert "Ada 5 isian yang perlu diperbaiki" in page
