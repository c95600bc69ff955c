r"""
<<Glossary(TermsDict)>>: all words of a dict page; <<Glossary(TermsDict, word)>>: one of them, explained.

    >>> # with TermsDict " Mulch:: what covers the ground\n Loam:: good soil\n"
    >>> <<Glossary(TermsDict)>>
    Loam good soil Mulch what covers the ground
    >>> <<Glossary(TermsDict, Loam)>>
    Loam (good soil)
    >>> <<Glossary(TermsDict, Silt)>>
    Silt
    >>> <<Glossary(NoDict)>>
    NoDict explains no words
"""
Dependencies = ['pages']


def macro_Glossary(macro, page='', word=''):
    f = macro.formatter
    terms = macro.request.dicts.get(page)
    if not terms:
        return f.text('%s explains no words' % page)
    if word:
        if word not in terms:
            return f.text(word)
        return f.strong(1) + f.text(word) + f.strong(0) + f.text(' (%s)' % terms[word])
    out = [f.definition_list(1)]
    for term in sorted(terms.keys(), key=lambda term: term.lower()):
        out += [f.definition_term(1), f.text(term), f.definition_term(0)]
        out += [f.definition_desc(1), f.text(terms[term]), f.definition_desc(0)]
    out.append(f.definition_list(0))
    return ''.join(out)
