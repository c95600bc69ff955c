r"""
<<Countdown(2030-12-24, Christmas Eve)>>: how many days are left.

    >>> <<Countdown(2030-12-24, Christmas Eve)>>  # now 2030-12-20T12:00:00Z
    4 days until Christmas Eve
    >>> <<Countdown(2030-12-24)>>  # now 2030-12-23T12:00:00Z
    1 day until 2030-12-24
    >>> <<Countdown(2030-12-24, Christmas Eve)>>  # now 2030-12-24T12:00:00Z
    Christmas Eve is today
    >>> <<Countdown(2030-12-24, Christmas Eve)>>  # now 2031-01-01T12:00:00Z
    Christmas Eve was 8 days ago
    >>> <<Countdown(soon)>>
    <<Countdown: ..."soon" is no date such as 2030-12-24...>>
"""
import datetime
import re

# Nothing is out of date for more than five minutes.
Dependencies = ['time:300']


def macro_Countdown(macro, date='', name=''):
    match = re.match(r'^(\d{4})-(\d{2})-(\d{2})$', date)
    if not match:
        raise ValueError('"%s" is no date such as 2030-12-24' % date)
    day = datetime.date(int(match.group(1)), int(match.group(2)), int(match.group(3)))
    left = (day - datetime.date.today()).days
    name = name or date
    if left == 0:
        words = '%s is today' % name
    elif left > 0:
        words = '%s until %s' % (days(left), name)
    else:
        words = '%s was %s ago' % (name, days(-left))
    return macro.formatter.text(words)


def days(number):
    return '1 day' if number == 1 else '%d days' % number
