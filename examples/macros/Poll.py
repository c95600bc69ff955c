r"""
<<Poll("Tea, or coffee?", Tea, Coffee)>>: a question and its answers; one vote for each session.

Votes are kept in macro.storage, who has voted in the session. A vote is a link
with a key that only this session knows, so no other site can vote for a visitor.

    >>> <<Poll(Tea or coffee?, Tea, Coffee)>>  # new
    Tea or coffee? Tea 0 Coffee 0 Load the page again to vote.
    >>> <<Poll(Tea or coffee?, Tea, Coffee)>>  # session {"Poll.key": "k"}
    Tea or coffee? Tea 0 Coffee 0
    >>> <<Poll(Tea or coffee?, Tea, Coffee)>>  # query poll=Tea+or+coffee?&vote=Tea&key=wrong
    Tea or coffee? Tea 0 Coffee 0
    >>> <<Poll(Tea or coffee?, Tea, Coffee)>>  # query poll=Tea+or+coffee?&vote=Tea&key=k
    Tea or coffee? Tea 1 Coffee 0 You voted for Tea.
    >>> <<Poll(Tea or coffee?, Tea, Coffee)>>  # query poll=Tea+or+coffee?&vote=Coffee&key=k
    Tea or coffee? Tea 1 Coffee 0 You voted for Tea.
    >>> <<Poll("Tea, or coffee?", Tea, "Coffee, black")>>
    Tea, or coffee? Tea 0 Coffee, black 0
    >>> <<Poll(Tea?)>>
    <<Poll: a poll has a question and at least two answers>>
"""
import random

Dependencies = ['session', 'time']


def macro_Poll(macro, question='', _trailing_args=[]):
    answers = _trailing_args
    if len(answers) < 2:
        raise ValueError('a poll has a question and at least two answers')
    poll = '%s: %s' % (macro.formatter.page.page_name, question)
    votes = macro.storage.get(poll, {})
    session = macro.request.session
    voted = session.get('Poll.voted', {})
    key = None
    if not session.is_new:
        key = session.setdefault('Poll.key', '%016x' % random.getrandbits(60))
        vote = asked_vote(macro.request.args, question, key)
        if vote in answers and poll not in voted:
            votes[vote] = votes.get(vote, 0) + 1
            macro.storage[poll] = votes
            voted[poll] = vote
            session['Poll.voted'] = voted
    return shown(macro, question, answers, votes, voted.get(poll), key)


def asked_vote(query, question, key):
    if query.get('poll') == question and query.get('key') == key:
        return query.get('vote')
    return None


def shown(macro, question, answers, votes, mine, key):
    f = macro.formatter
    out = [f.paragraph(1), f.strong(1), f.text(question), f.strong(0), f.paragraph(0), f.bullet_list(1)]
    for answer in answers:
        label = f.text(answer)
        if key and not mine:
            query = {'poll': question, 'vote': answer, 'key': key}
            page = f.page.page_name
            label = f.pagelink(1, page, querystr=query, rel='nofollow') + label + f.pagelink(0)
        out += [f.listitem(1), label, f.text(' %d' % votes.get(answer, 0)), f.listitem(0)]
    out.append(f.bullet_list(0))
    if mine:
        out += [f.paragraph(1), f.text('You voted for %s.' % mine), f.paragraph(0)]
    elif not key:
        out += [f.paragraph(1), how_to_vote(macro), f.paragraph(0)]
    return ''.join(out)


def how_to_vote(macro):
    f = macro.formatter
    # Some wikis give sessions to their users only: there a guest never gets one.
    if macro.cfg.cookie_lifetime[0] > 0:
        return f.text('Load the page again to vote.')
    page = f.page.page_name
    return f.pagelink(1, page, querystr={'action': 'login'}) + f.text('Log in') + f.pagelink(0) + f.text(' to vote.')
