r"""
<<MyHits>>: how often this visitor has seen this page; <<MyHits(top)>>: the pages seen most.

    >>> <<MyHits>>  # new
    You are new here.
    >>> <<MyHits>>  # page Rota # session {}
    You have seen this page once.
    >>> <<MyHits>>  # page Rota
    You have seen this page 2 times.
    >>> <<MyHits(top)>>  # page Start
    Rota 2 Start 1
"""
Dependencies = ['session']

# A session is small, so only so many pages are counted.
MOST_PAGES = 100


def execute(macro, args):
    f = macro.formatter
    session = macro.request.session
    if session.is_new:
        return f.text('You are new here.')
    hits = session.get('MyHits', {})
    page = f.page.page_name
    if page in hits or len(hits) < MOST_PAGES:
        hits[page] = hits.get(page, 0) + 1
        session['MyHits'] = hits
    if args == 'top':
        return top(macro, hits)
    seen = hits.get(page, 0)
    return f.text('You have seen this page %s.' % ('once' if seen == 1 else '%d times' % seen))


def top(macro, hits):
    f = macro.formatter
    pages = sorted(hits, key=lambda page: (-hits[page], page))
    out = [f.number_list(1)]
    for page in pages[:10]:
        out += [f.listitem(1), f.pagelink(1, page), f.text(page), f.pagelink(0), f.text(' %d' % hits[page]), f.listitem(0)]
    out.append(f.number_list(0))
    return ''.join(out)
