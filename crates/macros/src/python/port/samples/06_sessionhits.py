"""Counts how often this visitor has seen this page."""
Dependencies = ['time']

def execute(macro, args):
    session = macro.request.session
    key = 'hits.' + macro.formatter.page.page_name
    if session.has_key(key) and not session.has_key('hits.off'):
        session[key] = session[key] + 1
    else:
        session[key] = 1
    if args == 'reset' and session.has_key(key):
        del session[key]
        return macro.formatter.text('forgotten')
    return macro.formatter.text('seen %d times' % session[key])
