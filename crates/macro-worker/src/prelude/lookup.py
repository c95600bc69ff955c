

# request.dicts and request.groups: [] and `in` note what they lack, and the call starts over with it.
class _GrangeLookup:
    def __init__(self, ask, known):
        self._ask = ask
        self._known = known
        self._wanted = []

    def _find(self, name):
        if name not in self._known:
            self._wanted.append(name)
            return None
        return self._known[name]

    def __contains__(self, name):
        return self._find(name) is not None

    def __getitem__(self, name):
        found = self._find(name)
        if found is None:
            raise KeyError(name)
        return found

    def get(self, name, default=None):
        if name not in self._known:
            self._known[name] = self._ask(name)
        if self._known[name] is None:
            return default
        return self._known[name]

    def dict(self, name):
        return self.get(name, {})

    def has_key(self, name):
        return self.get(name) is not None

    def has_dict(self, name):
        return self.get(name) is not None
