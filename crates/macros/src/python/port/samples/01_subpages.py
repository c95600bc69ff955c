# -*- coding: iso-8859-1 -*-
"""
    <<SubPages>> or <<SubPages(OtherPage)>>: what stands below a page.
"""
from MoinMoin import wikiutil
from MoinMoin.Page import Page

Dependencies = ["namespace"]

def execute(macro, args):
    request = macro.request
    parent = args or macro.formatter.page.page_name
    prefix = parent + u'/'
    children = request.rootpage.getPageList(filter=lambda name: name.startswith(prefix))
    children.sort()
    if len(children) == 0:
        return macro.formatter.text(u"no pages below this one")
    result = [macro.formatter.bullet_list(1)]
    for child in children:
        result.append(macro.formatter.listitem(1))
        result.append(Page(request, child).link_to(request, child[len(prefix):]))
        result.append(macro.formatter.listitem(0))
    result.append(macro.formatter.bullet_list(0))
    return u''.join(result)
