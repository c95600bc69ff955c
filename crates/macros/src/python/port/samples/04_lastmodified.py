"""Who changed this page last, and when."""
from MoinMoin import wikiutil, config
from MoinMoin.Page import Page

Dependencies = ['pages']

def macro_LastModified(macro, pagename=u''):
    request = macro.request
    _ = request.getText
    page = Page(request, pagename or macro.formatter.page.page_name)
    if not page.exists():
        return macro.formatter.text(_("This page does not exist."))
    stamp = request.user.getFormattedDateTime(page.mtime_usecs() / 1000000)
    return macro.formatter.text(_("Last changed %(when)s") % {'when': stamp.encode(config.charset)})
