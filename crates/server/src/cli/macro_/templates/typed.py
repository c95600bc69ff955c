r"""
<<NAME(name, times=2, loud=yes)>>: greets somebody.

The cases below are run by `grange macro test NAME`: a call, who looks, and
what they see. `...` stands for anything.

    >>> <<NAME>>
    Hello, world!
    >>> <<NAME(moon, times=2, kind=Bye)>>
    Bye, moon! Bye, moon!
    >>> <<NAME>>  # as Mia
    Hello, Mia!
    >>> <<NAME(times=x)>>
    ...times...
"""

# What the output depends on decides how often the macro runs:
#   []           when the page changes, or pages come or go: the fastest
#   ['pages']    again when pages of the wiki change
#   ['time:300'] at most once in 300 seconds
#   ['session'], ['user'], ['language'], ['time']   at each view
# A wrong list costs speed, never privacy.
Dependencies = ['user']


# A default says what an argument is: text, a number, yes or no, or one of several words.
def macro_NAME(macro, name='', times=1, loud=False, kind=('Hello', 'Bye')):
    who = name or macro.request.user.name or 'world'
    greeting = '%s, %s!' % (kind, who)
    if loud:
        greeting = greeting.upper()
    f = macro.formatter
    return f.text(' '.join([greeting] * times))
