-- KEYS: record, generations. ARGV: now, latest kill that counts, when the id was issued.
-- Answers a record's fields, what a tombstone tells alone, or a word.
local how = stand(KEYS[1], KEYS[2], num(ARGV[1]))
if how == 'live' then return redis.call('HGETALL', KEYS[1]) end
if how == 'none' and was_killed(KEYS[2], 'guests', num(ARGV[3]), num(ARGV[2])) then return 'killed' end
if how == 'r' then return {redis.call('HGET', KEYS[1], 'w') or ''} end
return how
