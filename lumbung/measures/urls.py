from django.urls import path

from lumbung.measures import views as numbers
from lumbung.measures.figures import views as figures
from lumbung.measures.questions import views as questions

app_name = "measures"
urlpatterns = [
    path("pertanyaan/", questions.questions, name="questions"),
    path("pertanyaan/<uuid:uid>/", questions.question, name="question"),
    path(
        "pertanyaan/<uuid:uid>/jawab/",
        questions.answer_question,
        name="answer_question",
    ),
    path(
        "pertanyaan/<uuid:uid>/teruskan/",
        questions.pass_question,
        name="pass_question",
    ),
    path("angka/", numbers.numbers, name="numbers"),
    path("angka/<slug:kind>/", figures.figure, name="figure"),
    path("angka/<slug:kind>/baris/", figures.figure_rows, name="figure_rows"),
    path("angka/<slug:kind>/tanya/", questions.ask_question, name="ask_question"),
]
