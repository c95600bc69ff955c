"""<<Crumbs>>: links to the pages above this one."""
Dependencies = []

def execute(macro, args):
    parts = macro.formatter.page.page_name.split(u'/')
    crumbs = []
    for i in range(len(parts) - 1):
        name = u'/'.join(parts[:i + 1])
        crumbs.append(macro.formatter.pagelink(1, name) + macro.formatter.text(parts[i]) + macro.formatter.pagelink(0))
    crumbs.append(macro.formatter.text(parts[-1]))
    return macro.formatter.text(u' \u00bb ').join(crumbs)
