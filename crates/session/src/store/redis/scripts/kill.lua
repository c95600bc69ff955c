-- Raises a generation, counts who lived, and lays their keys aside for the sweep: one by one for a user, by
-- renaming the whole list otherwise. KEYS: generations, guests, users, owners, killed1, killed2….
-- ARGV: now, latest kill that counts, subject.
local now, subject = num(ARGV[1]), ARGV[3]

-- Moves a whole list to where the killed wait, without walking over it if there is room.
local function lay_aside(list)
    if redis.call('EXISTS', list) == 0 then return end
    for i = 6, #KEYS do
        if redis.call('EXISTS', KEYS[i]) == 0 then
            redis.call('RENAME', list, KEYS[i])
            return
        end
    end
    redis.call('ZUNIONSTORE', KEYS[#KEYS], 2, KEYS[#KEYS], list)
    redis.call('UNLINK', list)
end

local function living(list)
    return redis.call('ZCOUNT', list, '(' .. text(now), '+inf')
end

local ended = 0
if subject == 'realm' then
    ended = living(KEYS[2]) + living(KEYS[3])
    lay_aside(KEYS[2])
    lay_aside(KEYS[3])
    redis.call('UNLINK', KEYS[4])
elseif subject == 'guests' then
    ended = living(KEYS[2])
    lay_aside(KEYS[2])
else
    for _, hex in ipairs(owned(KEYS[4], subject)) do
        local e = redis.call('ZSCORE', KEYS[3], hex)
        if e and num(e) > now then ended = ended + 1 end
        redis.call('ZREM', KEYS[3], hex)
        redis.call('ZREM', KEYS[4], subject .. '\0' .. hex)
        redis.call('ZADD', KEYS[5], 0, hex)
    end
end

local number, killed_at = generation(KEYS[1], subject)
if not killed_at or killed_at > num(ARGV[2]) or killed_at < now then killed_at = now end
redis.call('HSET', KEYS[1], subject, text(num(number) + 1) .. ':' .. text(killed_at))
return ended
