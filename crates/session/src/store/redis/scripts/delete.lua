-- KEYS: record, generations, guests, users, owners, tombs. ARGV: now, margin, hex, earliest end of a tombstone.
-- Answers whether it lived.
local now = num(ARGV[1])
local how, found = stand(KEYS[1], KEYS[2], now)
if how == 'none' or how == 'r' or how == 'e' then return 0 end
strike({guests = KEYS[3], users = KEYS[4], owners = KEYS[5]}, ARGV[3], found.o)
entomb(KEYS[1], KEYS[6], ARGV[3], 'e', math.max(found.u, num(ARGV[4])), now, num(ARGV[2]))
return how == 'live' and 1 or 0
