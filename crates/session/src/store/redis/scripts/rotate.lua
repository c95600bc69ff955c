-- KEYS: old (or new again), new, generations, guests, users, owners, tombs, the user's records…
-- ARGV: now, margin, latest kill that counts, 'must' or 'may' or 'none' (is there an old one, and must it
--   live), old hex, earliest end of the old one's tombstone, new hex, issued, subject, sessions allowed,
--   earliest end of a tombstone, number of the user's records, what the old one's tombstone tells, the
--   hexes…, fields…
-- Answers 'ok', 'again' (the user has other records by now), 'gone r' or 'gone e', 'taken' or 'killed'.
local now, margin = num(ARGV[1]), num(ARGV[2])
local gens, owners, tombs = KEYS[3], KEYS[6], KEYS[7]
local at = {guests = KEYS[4], users = KEYS[5], owners = owners}
local old_hex, new_hex, subject = ARGV[5], ARGV[7], ARGV[9]
local others = num(ARGV[12])

if subject ~= 'guests' then
    local known = {}
    for i = 14, 13 + others do known[ARGV[i]] = true end
    local current = owned(owners, subject)
    if #current ~= others then return 'again' end
    for _, hex in ipairs(current) do
        if not known[hex] then return 'again' end
    end
end

local old_how, old = 'none', {}
if ARGV[4] ~= 'none' then old_how, old = stand(KEYS[1], gens, now) end
if ARGV[4] == 'must' and old_how ~= 'live' then return 'gone ' .. ending(old_how) end
if stand(KEYS[2], gens, now) ~= 'none' then return 'taken' end
if was_killed(gens, subject, num(ARGV[8]), num(ARGV[3])) then return 'killed' end
insert(KEYS[2], gens, at, new_hex, subject, now, margin, 14 + others)

if ARGV[4] ~= 'none' then
    strike(at, old_hex, old.o)
    entomb(KEYS[1], tombs, old_hex, 'r', math.max(old.u or 0, num(ARGV[6])), now, margin)
    redis.call('HSET', KEYS[1], 'w', ARGV[13])
end

local live = {}
for i = 1, others do
    local hex = ARGV[13 + i]
    local how, found = stand(KEYS[7 + i], gens, now)
    if how == 'none' then
        redis.call('ZREM', owners, subject .. '\0' .. hex)
    elseif how == 'live' then
        live[#live + 1] = {key = KEYS[7 + i], hex = hex, s = found.s, u = found.u}
    end
end
table.sort(live, function(one, other)
    if one.s ~= other.s then return one.s > other.s end
    return one.hex > other.hex
end)
for i = math.max(num(ARGV[10]), 1), #live do
    strike(at, live[i].hex, subject)
    entomb(live[i].key, tombs, live[i].hex, 'e', math.max(live[i].u, num(ARGV[11])), now, margin)
end
return 'ok'
