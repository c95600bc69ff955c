r"""
<<Calendar>>: this month, each day a link to a page below this one; <<Calendar(2030, 2)>>: another.

    >>> <<Calendar(2030, 2)>>
    2030-02 Mo Tu We Th Fr Sa Su 1 2 3 4 5 ... 27 28
    >>> <<Calendar>>  # now 2030-12-24T12:00:00Z
    2030-12 ... 31
    >>> <<Calendar(2030, 13)>>
    <<Calendar: ...no such month...>>
"""
import datetime

Dependencies = ['time:300', 'namespace']

DAYS = ['Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su']


def macro_Calendar(macro, year=0, month=0):
    if not year:
        today = datetime.date.today()
        year, month = today.year, today.month
    if not (1 <= month <= 12 and 1 <= year <= 9998):
        raise ValueError('there is no such month')
    first = datetime.date(year, month, 1)
    after = datetime.date(year + month // 12, month % 12 + 1, 1)
    days = (after - first).days
    f = macro.formatter
    out = [f.paragraph(1), f.strong(1), f.text('%04d-%02d' % (year, month)), f.strong(0), f.paragraph(0), f.table(1)]
    out += [f.table_row(1)] + [cell(f, f.text(day)) for day in DAYS] + [f.table_row(0)]
    cells = [cell(f, '')] * first.weekday()
    cells += [cell(f, link(f, '%04d-%02d-%02d' % (year, month, day), str(day))) for day in range(1, days + 1)]
    cells += [cell(f, '')] * (-len(cells) % 7)
    for week in range(0, len(cells), 7):
        out += [f.table_row(1)] + cells[week:week + 7] + [f.table_row(0)]
    out.append(f.table(0))
    return ''.join(out)


def cell(f, markup):
    return f.table_cell(1) + markup + f.table_cell(0)


def link(f, date, day):
    return f.pagelink(1, '%s/%s' % (f.page.page_name, date)) + f.text(day) + f.pagelink(0)
