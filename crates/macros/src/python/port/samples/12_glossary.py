"""<<Term(word)>>: a word with its meaning from the page GlossaryDict."""
Dependencies = ['pages']

def execute(macro, args):
    terms = macro.request.dicts['GlossaryDict']
    if args is None:
        keys = terms.keys()
        keys.sort(lambda a, b: cmp(a.lower(), b.lower()))
        out = macro.formatter.definition_list(1)
        for k in keys:
            out += macro.formatter.definition_term(1) + macro.formatter.text(k) + macro.formatter.definition_term(0)
            out += macro.formatter.definition_desc(1) + macro.formatter.text(terms[k]) + macro.formatter.definition_desc(0)
        return out + macro.formatter.definition_list(0)
    if not terms.has_key(args):
        return macro.formatter.text(args)
    return macro.formatter.span(1, title=terms[args]) + macro.formatter.text(args) + macro.formatter.span(0)
