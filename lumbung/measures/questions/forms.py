"""What is asked of who asks about a number, answers, or passes the question on."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lumbung.imports.models import Import
from lumbung.measures.models import Question
from lumbung.pages.forms import Form

ROWS = forms.Textarea(attrs={"rows": 3})


class AskForm(Form):
    text = forms.CharField(
        label=_("What does not fit?"),
        help_text=_("Everyone who sees the number may read this: name no residents."),
        max_length=4000,
        widget=ROWS,
    )
    believed = forms.CharField(
        label=_("What should it be?"), required=False, max_length=100
    )
    evidence_url = forms.URLField(
        label=_("Address of a proof"),
        required=False,
        max_length=500,
        assume_scheme="https",
    )


class AnswerForm(Form):
    """How the question ends; a corrected number names the import that corrected it."""

    state = forms.ChoiceField(
        label=_("Answer"),
        choices=[
            (Question.State.STANDS, _("The number stands")),
            (Question.State.CORRECTED, _("The number was wrong and is corrected")),
        ],
    )
    corrected_by = forms.ModelChoiceField(
        Import.objects.none(),
        label=_("Corrected by the import"),
        required=False,
        to_field_name="uid",
        empty_label=_("none"),
    )
    answer = forms.CharField(label=_("Reason"), max_length=4000, widget=ROWS)

    def __init__(self, *args: Any, imports: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["corrected_by"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = imports


class PassForm(Form):
    to = forms.ChoiceField(label=_("To whom"))
    reason = forms.CharField(label=_("Why"), max_length=4000, widget=ROWS)

    def __init__(self, *args: Any, takers: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.takers = {str(person.uid): person for person in takers}
        choices = [(uid, str(person)) for uid, person in self.takers.items()]
        self.fields["to"] = forms.ChoiceField(label=_("To whom"), choices=choices)

    def clean_to(self) -> Any:
        return self.takers[self.cleaned_data["to"]]
