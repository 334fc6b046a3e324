from django.urls import path

from lumbung.measures import number_pages, question_views, views

app_name = "measures"
urlpatterns = [
    path("pertanyaan/", question_views.questions, name="questions"),
    path("pertanyaan/<uuid:uid>/", question_views.question, name="question"),
    path(
        "pertanyaan/<uuid:uid>/jawab/",
        question_views.answer_question,
        name="answer_question",
    ),
    path(
        "pertanyaan/<uuid:uid>/teruskan/",
        question_views.pass_question,
        name="pass_question",
    ),
    path("angka/", number_pages.numbers, name="numbers"),
    path("angka/<slug:kind>/", views.figure, name="figure"),
    path("angka/<slug:kind>/baris/", views.figure_rows, name="figure_rows"),
    path("angka/<slug:kind>/tanya/", question_views.ask_question, name="ask_question"),
]
