"""<<Fold(title)>> ... <<Fold>>: a part of the page that folds."""
Dependencies = []
counter = 0

def execute(macro, args):
    global counter
    if args == None:
        return macro.formatter.rawHTML('</div>')
    counter += 1
    return macro.formatter.rawHTML('''<a href="#" onclick="fold('%d'); return false">%s</a>
<div id="fold%d">''' % (counter, args, counter))
