r"""
<<Quote>> or <<Quote(Page)>>: one of the list items of a page, another one at each view.

    >>> # with Sayings "Words.\n\n * Slow is smooth.\n"
    >>> <<Quote(Sayings)>>
    Slow is smooth.
    >>> # with FortuneCookies "* Measure twice.\n* Cut once.\n"
    >>> <<Quote>>
    ....
    >>> <<Quote(Nowhere)>>
    no quotes on Nowhere
"""
import random

from MoinMoin.Page import Page

Dependencies = ['time', 'pages']


def execute(macro, args):
    f = macro.formatter
    page = args or 'FortuneCookies'
    # A page that the visitor may not read is as if it did not exist: its text is empty.
    lines = [line.strip() for line in Page(macro.request, page).get_raw_body().splitlines()]
    quotes = [line[2:].strip() for line in lines if line.startswith('* ')]
    if not quotes:
        return f.text('no quotes on %s' % page)
    return f.emphasis(1) + f.text(random.choice(quotes)) + f.emphasis(0)
