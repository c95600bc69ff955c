"""<<Film(id, 425, 350)>>"""
import re
Dependencies = []

def macro_Film(macro, id=u'', width=425, height=350):
    if not re.match(ur'^[\w-]+$', id):
        return macro.formatter.text(u'no such film')
    return macro.formatter.rawHTML(u'''
<object width="%d" height="%d"><param name="movie" value="http://films.example.org/v/%s"></param>
<embed src="http://films.example.org/v/%s" width="%d" height="%d"></embed></object>''' % (
        width, height, id, id, width, height))
