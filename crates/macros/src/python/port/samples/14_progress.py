"""<<Progress(done, total)>>: a bar of signs and a percentage."""
Dependencies = []

class Bar(object):
    def __init__(self, done, total):
        self.done, self.total = done, total

    def __nonzero__(self):
        return self.total > 0

    def percent(self):
        return 100 * self.done / self.total

    def bar(self, width=20):
        full = width * self.done / self.total
        return '#' * full + '.' * (width - full)

def execute(macro, args):
    try:
        done, total = map(int, args.split(','))[:2]
    except (ValueError, AttributeError):
        raise ValueError, "two numbers please"
    bar = Bar(done, total)
    if not bar:
        raise "nothing to do"
    return macro.formatter.code(1) + macro.formatter.text('%s %d%%' % (bar.bar(), bar.percent())) + macro.formatter.code(0)
