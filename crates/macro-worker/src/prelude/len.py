

# len() also for session and storage: the interpreter asks no class for its length.
def len(value):
    if _grange_type(value) in _grange_countable:
        return _grange_len(value._all())
    return _grange_len(value)
