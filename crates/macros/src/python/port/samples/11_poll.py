"""<<Vote(Tea or coffee?, Tea, Coffee)>>: counts votes in a file beside the page."""
import os, cPickle
from MoinMoin import wikiutil

Dependencies = ["time"]

def execute(macro, args):
    request = macro.request
    parts = [p.strip() for p in args.split(',')]
    question, choices = parts[0], parts[1:]
    path = macro.formatter.page.getPagePath('votes', check_create=0)
    votes = {}
    if os.path.isfile(path):
        votes = cPickle.load(file(path))
    if request.form.has_key('vote'):
        vote = request.form['vote'][0]
        votes[vote] = votes.get(vote, 0) + 1
        cPickle.dump(votes, open(path, 'w'))
    html = ['<form method="post">%s' % wikiutil.escape(question)]
    for choice in choices:
        html.append('<input type="submit" name="vote" value="%s"> %d' % (choice, votes.get(choice, 0)))
    html.append('</form>')
    return ''.join(html)
