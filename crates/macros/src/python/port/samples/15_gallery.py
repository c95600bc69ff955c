"""<<Thumbs>>: all pictures that are attached to this page."""
from MoinMoin import wikiutil
from MoinMoin.action import AttachFile
import os, re

Dependencies = ['time']
_picture = re.compile(r'\.(png|jpe?g|gif)$', re.I)

def pictures(names):
    for name in names:
        if _picture.search(name):
            yield name

def execute(macro, args):
    pagename = macro.formatter.page.page_name
    files = os.listdir(AttachFile.getAttachDir(macro.request, pagename))
    html = ''
    for name in pictures(files):
        html += macro.formatter.image(src=AttachFile.getAttachUrl(pagename, name, macro.request), alt=name)
    return html
