r"""
<<LastSeen>>: when this visitor was on this page before, and whether it has changed since.

    >>> # with Rota "words"
    >>> # page Rota
    >>> <<LastSeen>>  # new
    You are here for the first time.
    >>> <<LastSeen>>  # session {} # now 2030-01-01T12:00:00Z
    You are here for the first time.
    >>> <<LastSeen>>  # now 2030-01-02T08:30:00Z
    You were here at 2030-01-01 12:00:00. Nothing has changed since.
"""
import time

Dependencies = ['session', 'user', 'time', 'pages']

# A session is small, so only so many pages are remembered; the oldest visit goes first.
MOST_PAGES = 50


def execute(macro, args):
    f = macro.formatter
    session = macro.request.session
    page = f.page.page_name
    visits = session.get('LastSeen', {})
    before = visits.pop(page, None)
    if not session.is_new:
        visits[page] = int(time.time())
        while len(visits) > MOST_PAGES:
            visits.pop(sorted(visits, key=lambda name: visits[name])[0])
        session['LastSeen'] = visits
    if before is None:
        return f.text('You are here for the first time.')
    changed = f.page.mtime_usecs() // 1000000 > before
    words = 'The page has changed since.' if changed else 'Nothing has changed since.'
    return f.text('You were here at %s. %s' % (macro.request.user.getFormattedDateTime(before), words))
