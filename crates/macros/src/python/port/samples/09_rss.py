"""<<Feed(http://example.org/news.rss, 5)>>: headlines of another site."""
import urllib2, re
from xml.dom import minidom
from MoinMoin import caching

Dependencies = ['time']

def execute(macro, args):
    url, count = args.split(',')
    try:
        doc = minidom.parse(urllib2.urlopen(url.strip()))
    except (urllib2.URLError, IOError), err:
        return macro.formatter.text('cannot be read: ' + err.message)
    html = []
    for item in doc.getElementsByTagName('item')[:int(count)]:
        title = item.getElementsByTagName('title')[0].firstChild.data
        html.append(macro.formatter.listitem(1) + macro.formatter.text(title) + macro.formatter.listitem(0))
    return ''.join(html)
