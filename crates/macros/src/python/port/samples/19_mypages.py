"""<<MyPages(10)>>: pages that I changed last."""
from MoinMoin.logfile import editlog
from MoinMoin import log
logging = log.getLogger(__name__)

Dependencies = ['user', 'time']

class Mine(dict):
    @staticmethod
    def limit(text):
        return int(text or '10')

def execute(macro, args):
    request = macro.request
    if not request.user.valid: return ''
    mine = Mine()
    for line in editlog.EditLog(request).reverse():
        if line.getEditor(request) == request.user.name and not mine.has_key(line.pagename):
            mine[line.pagename] = 1
            if len(mine.keys()) >= Mine.limit(args): break
    logging.debug('%d pages' % len(mine))
    request.write(macro.formatter.bullet_list(1))
    for name in mine.keys()[:10]:
        print >>request, name
    return ''
