

def len(value):
    if _grange_type(value) in _grange_countable:
        return _grange_len(value._all())
    return _grange_len(value)
