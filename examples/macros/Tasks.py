r"""
<<Tasks>>: what is open on this page and the pages below it; <<Tasks(Garden)>>: below another.

A task is a line "[ ] words" or "[x] words", with or without a bullet before it.

    >>> # with Garden "* [ ] mow the lawn\n* [x] plant beans\nother words"
    >>> # with Garden/Shed "[ ] mend the roof"
    >>> <<Tasks(Garden)>>
    2 of 3 tasks are open Garden mow the lawn Garden/Shed mend the roof
    >>> <<Tasks>>  # page Garden/Shed
    1 of 1 tasks are open Garden/Shed mend the roof
    >>> <<Tasks(Nowhere)>>
    0 of 0 tasks are open
"""
import re

from MoinMoin.Page import Page

Dependencies = ['pages', 'namespace']

TASK = re.compile(r'^\s*(?:[*-]\s*)?\[([ xX])\]\s*(.*?)\s*$')


def macro_Tasks(macro, page=''):
    top = page or macro.formatter.page.page_name
    names = macro.request.rootpage.getPageList()
    found = []
    for name in names:
        if name == top or name.startswith(top + '/'):
            found += [(name, done, words) for done, words in tasks_of(macro, name)]
    still_open = [(name, words) for name, done, words in found if not done]
    f = macro.formatter
    out = [f.paragraph(1), f.text('%d of %d tasks are open' % (len(still_open), len(found))), f.paragraph(0)]
    if still_open:
        out.append(f.bullet_list(1))
        for name, words in still_open:
            out += [f.listitem(1), f.pagelink(1, name), f.text(name), f.pagelink(0), f.text(' ' + words), f.listitem(0)]
        out.append(f.bullet_list(0))
    return ''.join(out)


def tasks_of(macro, name):
    tasks = []
    for line in Page(macro.request, name).get_raw_body().splitlines():
        match = TASK.match(line)
        if match:
            tasks.append((match.group(1) != ' ', match.group(2)))
    return tasks
