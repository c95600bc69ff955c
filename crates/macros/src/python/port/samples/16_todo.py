"""<<OpenTasks>>: lines with TODO of all pages of a category."""
from MoinMoin import search
from MoinMoin.Page import Page
import re

Dependencies = ['pages']

def execute(macro, args):
    task = re.compile(r'^\s*\*?\s*TODO:?\s*(.*)$', re.M)
    results = search.searchPages(macro.request, args or u'CategoryTasks')
    tasks = {}
    for hit in results.hits:
        for found in task.findall(Page(macro.request, hit.page_name).get_raw_body()):
            tasks.setdefault(hit.page_name, []).append(found)
    out = []
    for name, items in tasks.iteritems():
        out.append(macro.formatter.heading(1, 3) + macro.formatter.text(name) + macro.formatter.heading(0, 3))
        for item in items:
            out.append(macro.formatter.paragraph(1) + macro.formatter.text(item) + macro.formatter.paragraph(0))
    del tasks
    return "".join(out)
