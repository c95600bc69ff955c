"""<<IncludeFile(name.txt)>>: a text file of the data directory."""
import os
Dependencies = ['time']

def execute(macro, args):
    path = os.path.join(macro.request.cfg.data_dir, 'files', os.path.basename(args))
    if not os.path.exists(path):
        return macro.formatter.text('no such file: ' + args)
    f = open(path)
    try:
        text = f.read().decode('utf-8')
    finally:
        f.close()
    return macro.formatter.preformatted(1) + macro.formatter.text(text) + macro.formatter.preformatted(0)
