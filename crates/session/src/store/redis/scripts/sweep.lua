-- Removes what is past its time of the keys given, and says when to come again.
-- KEYS: generations, guests, users, owners, tombs, killed (as many as ARGV[4])…, records….
-- ARGV: now, margin, afterlife, number of killed lists, hexes….
-- Answers {removed, moment of the next thing due, or ''}.
local now, margin, afterlife, lists = num(ARGV[1]), num(ARGV[2]), num(ARGV[3]), num(ARGV[4])
local gens, tombs = KEYS[1], KEYS[5]
local at = {guests = KEYS[2], users = KEYS[3], owners = KEYS[4]}
local removed = 0

local function forget_killed(hex)
    for i = 6, 5 + lists do redis.call('ZREM', KEYS[i], hex) end
end

local function remove(record, hex, found)
    strike(at, hex, found.o)
    forget_killed(hex)
    removed = removed + 1
    if found.u > now then
        entomb(record, tombs, hex, 'e', found.u, now, margin)
    else
        redis.call('DEL', record)
    end
end

for i = 5, #ARGV do
    local hex, record = ARGV[i], KEYS[i + 1 + lists]
    local how, found = stand(record, gens, now)
    if how == 'killed' or (how == 'expired' and found.e + afterlife <= now) then
        remove(record, hex, found)
    elseif how == 'live' or how == 'expired' then
        -- The list was wrong about it.
        forget_killed(hex)
        note_end(at, hex, found.o, found.e, margin)
    elseif how == 'none' then
        strike(at, hex, nil)
        forget_killed(hex)
        redis.call('ZREM', tombs, hex)
    else
        strike(at, hex, nil)
        forget_killed(hex)
        if found.u <= now then
            redis.call('DEL', record)
            redis.call('ZREM', tombs, hex)
            removed = removed + 1
        else
            redis.call('ZADD', tombs, text(found.u), hex)
        end
    end
end

local next = nil
local function sooner(list, span)
    local first = redis.call('ZRANGE', list, 0, 0, 'WITHSCORES')
    if first[2] and (not next or num(first[2]) + span < next) then next = num(first[2]) + span end
end
sooner(at.guests, afterlife)
sooner(at.users, afterlife)
sooner(tombs, 0)
for i = 6, 5 + lists do
    if redis.call('EXISTS', KEYS[i]) == 1 then next = now end
end
return {removed, next and text(next) or ''}
