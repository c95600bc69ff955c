#!/usr/bin/env python
# vim: set fileencoding=utf-8 :
from __future__ import division
import time, types

def _age(seconds, units=((u'day', 86400), (u'hour', 3600), (u'minute', 060))):
    for (name, size) in units:
        if seconds >= size:
            n = seconds // size
            return u'%d %s%s' % (n, name, ('', u's')[n <> 1])
    return u'a moment'

def execute(macro, args):
    if type(args) in (types.StringType, types.UnicodeType) and args.isdigit():
        days = int(args)
    else: days = None
    old = time.time() - macro.formatter.page.mtime_usecs() / 1000000
    words = reduce(lambda a, b: a + ' ' + b, [_age(old), 'old'])
    if days and old > days * 86400: words += ' (too old!)'
    return macro.formatter.strong(1) + macro.formatter.text(words) + macro.formatter.strong(0)
