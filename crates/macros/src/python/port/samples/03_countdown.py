# <<Countdown(2030-01-01)>> or <<Countdown(2030-01-01, New Year)>>
import time

Dependencies = ['time']

def execute(macro, args):
	parts = (args or '').split(',')
	try:
		when = time.mktime(time.strptime(parts[0].strip(), '%Y-%m-%d'))
	except ValueError, e:
		return macro.formatter.text(u'bad date: %s' % unicode(e))
	left = long(when - time.time())
	if left <= 0L:
		return macro.formatter.text('It is over.')
	days = left / 86400
	name = len(parts) <> 1 and parts[1].strip() or 'that day'
	return macro.formatter.text('%d days until %s' % (days, name))
