r"""
<<NAME>>: counts how often a visitor has been here.

The cases below are run by `grange macro test NAME`: a call, who looks, and
what they see. `...` stands for anything.

    >>> <<NAME>>  # new
    Welcome!
    >>> <<NAME>>  # session {"NAME.visits": 2}
    You have been here 3 times.
    >>> <<NAME(again)>>  # session {"NAME.visits": 2}
    You have been here 1 times.
"""

# What the output depends on decides how often the macro runs:
#   []           when the page changes, or pages come or go: the fastest
#   ['pages']    again when pages of the wiki change
#   ['time:300'] at most once in 300 seconds
#   ['session'], ['user'], ['language'], ['time']   at each view
# A wrong list costs speed, never privacy.
Dependencies = ['session']


def execute(macro, args):
    # args is the text between the parentheses, or None.
    session = macro.request.session
    if session.is_new:
        # This browser has not sent back a cookie of ours yet: nothing would last.
        return macro.formatter.text('Welcome!')
    # Keys are shared by all macros of the wikis that share sessions: begin them with the macro's name.
    visits = session.get('NAME.visits', 0) + 1
    if args == 'again':
        visits = 1
    session['NAME.visits'] = visits
    # The formatter escapes text, whatever it holds.
    return macro.formatter.text('You have been here %d times.' % visits)
