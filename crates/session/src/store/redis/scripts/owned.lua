-- The keys of a user's records. KEYS: owners. ARGV: subject.
return owned(KEYS[1], ARGV[1])
