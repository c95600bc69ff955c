

# What session and storage refuse at once; what hides in lists is found by the host at the end.
def _grange_check(key, value):
    if _grange_type(key) is not _grange_str:
        raise TypeError('The keys of session and storage must be text, not ' + _grange_type(key).__name__ + '.')
    if _grange_type(value) not in _grange_kinds:
        raise TypeError(
            'A value of type ' + _grange_type(value).__name__ + ' cannot be stored: only None, True and False, '
            'numbers, text, lists and dicts can.'
        )
    if _grange_type(value) is _grange_kinds[3] and _grange_repr(value) in ('inf', '-inf', 'nan'):
        raise ValueError(_grange_repr(value) + ' is no number that can be stored.')
