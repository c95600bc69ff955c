r"""
<<Members(EditorsGroup)>>: who stands on a group page; whoever looks is marked.

    >>> # with GardenersGroup " * Mia\n * Tom\n"
    >>> <<Members(GardenersGroup)>>
    2 members: Mia, Tom
    >>> <<Members(GardenersGroup)>>  # as Tom
    2 members: Mia, Tom (you)
    >>> <<Members(NobodyGroup)>>
    NobodyGroup is no group
"""
Dependencies = ['pages', 'user']


def macro_Members(macro, group=''):
    f = macro.formatter
    members = macro.request.groups.get(group)
    if members is None:
        return f.text('%s is no group' % group)
    me = macro.request.user.name
    names = []
    for name in sorted(members):
        link = f.pagelink(1, name) + f.text(name) + f.pagelink(0)
        names.append(link + f.text(' (you)') if name == me else link)
    count = '1 member' if len(names) == 1 else '%d members' % len(names)
    return f.text(count + ': ') + f.text(', ').join(names)
