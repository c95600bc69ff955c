-- KEYS: record, generations. ARGV: now, latest kill that counts, when the id was issued.
local how = stand(KEYS[1], KEYS[2], num(ARGV[1]))
if how == 'live' then return redis.call('HGETALL', KEYS[1]) end
if how == 'none' and was_killed(KEYS[2], 'guests', num(ARGV[3]), num(ARGV[2])) then return 'killed' end
return how
