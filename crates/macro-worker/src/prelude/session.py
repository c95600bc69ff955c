

# request.session. Its values are the host's (api/session.rs); [] and `in` cannot ask it, so they are here.
class _GrangeSession:
    def __init__(self, host, is_new, values):
        self._host = host
        self._values = values
        self.is_new = is_new

    def __contains__(self, key):
        return key in self._values

    def __getitem__(self, key):
        return self._values[key]

    def __setitem__(self, key, value):
        _grange_check(key, value)
        if key in ('setuid', 'trail', 'csrf') or key.startswith('user.'):
            raise ValueError('The session\'s key "' + key + '" belongs to the wiki; choose another one.')
        self._values[key] = value

    def __iter__(self):
        return _grange_iter(self._values)

    def __repr__(self):
        return _grange_repr(self._values)

    def __eq__(self, other):
        return self._values == other

    def __or__(self, other):
        # The interpreter knows no __ior__: where a file writes |=, this is what it gets.
        if _grange_or_updates:
            self.update(other)
            return self
        return self._values | other

    def _all(self):
        return self._values

    def has_key(self, key):
        return key in self._values

    def get(self, key, default=None):
        return self._values.get(key, default)

    def keys(self):
        return self._values.keys()

    def values(self):
        return self._values.values()

    def items(self):
        return self._values.items()

    def pop(self, key, *default):
        return self._values.pop(key, *default)

    def popitem(self):
        return self._values.popitem()

    def setdefault(self, key, default=None):
        if key not in self._values:
            self[key] = default
        return self._values[key]

    def update(self, *others, **named):
        new = {}
        for other in others:
            new.update(other)
        new.update(named)
        for key in new:
            self[key] = new[key]

    def clear(self):
        self._values.clear()

    def copy(self):
        return self._values.copy()

    def mark_changed(self):
        self._host.session_mark_changed()

    def markChanged(self):
        self._host.session_mark_changed()

    def reset(self):
        self._host.session_reset()
        self._values = {}
