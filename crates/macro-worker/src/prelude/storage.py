

# macro.storage. Everything stored is here from the start; what was looked at is noted for the commit.
class _GrangeStorage:
    def __init__(self, values):
        self._values = values
        self._read = {}
        self._read_all = False

    def __contains__(self, key):
        self._read[key] = True
        return key in self._values

    def __getitem__(self, key):
        self._read[key] = True
        return self._values[key]

    def __setitem__(self, key, value):
        _grange_check(key, value)
        if value is None:
            raise TypeError('None cannot be kept in a storage; remove(key) takes a value out of it.')
        self._values[key] = value

    def __iter__(self):
        self._read_all = True
        return _grange_iter(self._values)

    def __repr__(self):
        self._read_all = True
        return _grange_repr(self._values)

    def _all(self):
        self._read_all = True
        return self._values

    def has_key(self, key):
        return key in self

    def get(self, key, default=None):
        self._read[key] = True
        return self._values.get(key, default)

    def keys(self, prefix=''):
        self._read_all = True
        return _grange_sorted([key for key in self._values if key.startswith(prefix)])

    def values(self):
        return [self._values[key] for key in self.keys()]

    def items(self, prefix=''):
        return [(key, self._values[key]) for key in self.keys(prefix)]

    def pop(self, key, *default):
        self._read[key] = True
        return self._values.pop(key, *default)

    def remove(self, key):
        self.pop(key, None)

    def setdefault(self, key, default=None):
        if key not in self:
            self[key] = default
        return self._values[key]

    def update(self, *others, **named):
        new = {}
        for other in others:
            new.update(other)
        new.update(named)
        for key in new:
            self[key] = new[key]
