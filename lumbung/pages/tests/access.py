"""Who gets which answer at the addresses of `pages`."""

from tests.access import Row, public

ROWS = {
    "pages:language": Row(public(405), post=public(302)),
    "pages:health": Row(public()),
}
