"""
<<QuoteOfTheHour(PageWithQuotes)>>
A line that begins with " * " is a quote.
"""
import random, string
from MoinMoin.Page import Page

def execute(macro, args):
    pagename = args or 'FortuneCookies'
    if not macro.request.user.may.read(pagename):
        return ''
    raw = Page(macro.request, pagename).get_raw_body()
    lines = map(string.strip, raw.splitlines())
    quotes = [string.replace(l, '* ', '', 1) for l in lines if l.startswith('* ')]
    if not quotes:
        return macro.formatter.highlight(1) + macro.formatter.text('No quotes on ' + `pagename`) + macro.formatter.highlight(0)
    return macro.formatter.text(random.choice(quotes))
