"""<<Cloud>>: categories, the larger the more pages they have."""
from MoinMoin.Page import Page
import re, math

Dependencies = ['pages']

def execute(macro, args):
    counts = {}
    for name in macro.request.rootpage.getPageList(exists=1):
        body = Page(macro.request, name).get_raw_body()
        for tag in re.findall(r'\bCategory[A-Z]\w+', body):
            counts[tag] = counts.get(tag, 0) + 1
    if not counts: return u''
    top = max(counts.values())
    items = [(tag, n) for (tag, n) in counts.items()]
    items.sort(key=lambda (tag, n): -n)
    out = []
    for tag, n in items[:50]:
        level = int(math.ceil(5.0 * n / top))
        out.append(macro.formatter.span(1, css_class='cloud%d' % level))
        out.append(macro.formatter.pagelink(1, tag) + macro.formatter.text(tag) + macro.formatter.pagelink(0))
        out.append(macro.formatter.span(0))
    return u' '.join(out)
