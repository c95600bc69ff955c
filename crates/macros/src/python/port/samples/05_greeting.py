""" Greets whoever looks. """
Dependencies = ['user', 'time']

import time

def execute(macro, args):
    hour = time.localtime(time.time())[3]
    if hour < 06: word = u'Good night'
    elif hour < 12: word = u'Good morning'
    else: word = u'Good day'
    if macro.request.user and macro.request.user.valid:
        print >>sys.stderr, 'greeting', macro.request.user.name
        return macro.formatter.text(u'%s, %s!' % (word, macro.request.user.name))
    return macro.formatter.text(word + u', guest!')

import sys
