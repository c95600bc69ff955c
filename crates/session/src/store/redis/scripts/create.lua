-- KEYS: record, generations, guests, users, owners.
-- ARGV: now, margin, latest kill that counts, hex, issued, subject, fields…
local now, margin = num(ARGV[1]), num(ARGV[2])
local how = stand(KEYS[1], KEYS[2], now)
if how == 'live' then return 'live' end
if how ~= 'none' then return ending(how) end
if was_killed(KEYS[2], ARGV[6], num(ARGV[5]), num(ARGV[3])) then return 'killed' end
insert(KEYS[1], KEYS[2], {guests = KEYS[3], users = KEYS[4], owners = KEYS[5]}, ARGV[4], ARGV[6], now, margin, 7)
return 'ok'
