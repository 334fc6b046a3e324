"""The request of somebody who is signed in: what views behind `login_required` get."""

from lumbung.accounts.models import User
from lumbung.pages.requests import Request


class SignedIn(Request):
    """A request whose user is one of ours."""

    user: User
