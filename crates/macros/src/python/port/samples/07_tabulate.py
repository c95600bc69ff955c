"""
<<Tabulate(DataPage, ;)>>: the lines of a page as a table.
"""
from MoinMoin import wikiutil
from MoinMoin.Page import Page
import string

Dependencies = ['pages']

def _row(fmt, cells):
    return (fmt.table_row(1)
            + string.join(map(lambda c: fmt.table_cell(1) + fmt.text(c) + fmt.table_cell(0), cells), '')
            + fmt.table_row(0))

def execute(macro, args):
    args, kw, trailing = wikiutil.parse_quoted_separated(args)
    pagename, sep = args[0], args[1]
    fmt = macro.formatter
    rows = Page(macro.request, pagename).get_raw_body().splitlines()
    out = [fmt.table(1)]
    for i in xrange(len(rows)):
        out.append(_row(fmt, string.split(rows[i], sep)))
    out.append(fmt.table(0))
    return string.join(out, '')
