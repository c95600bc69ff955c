-- What a record is, and whether it is live. Moments are milliseconds since 1970; `now` always comes with the call.
--
-- A record is a hash of single letters: a (about, JSON), i (issued), s (seen), c (cookie until, or ''),
-- u (its id verifies until), d (idle time and touch interval), x (absolute end, or ''), o (whose generation),
-- g and r (generations of that and of the realm), k and b (number and bytes of the values), t (the trail, a
-- line each), and v with a value's key behind it, as JSON. A tombstone is a hash with z ('r' replaced,
-- 'e' ended), u, and where it was replaced w (what it tells, as the program wrote it).
local LAST_MOMENT = 253402207200999

local function text(number)
    return string.format('%.0f', number)
end

local function num(value)
    return tonumber(value) or 0
end

-- A generation as it is kept, and the moment of the last kill.
local function read_generation(kept)
    if not kept then return '0', nil end
    local number, killed_at = string.match(kept, '^(%d+):(-?%d+)$')
    return number, tonumber(killed_at)
end

local function end_of(seen, grace, ends)
    local e = math.min(num(seen) + num(grace), LAST_MOMENT)
    if ends and ends ~= '' then e = math.min(e, num(ends)) end
    return e
end

-- What fields by their letters make: 'live', 'killed', 'expired', or a tombstone's 'r' or 'e'. And the parts of
-- a record that the caller may want.
local function judge(f, gens, now)
    if f.z then return f.z, {u = num(f.u)} end
    local found = {s = num(f.s), d = num(f.d), x = f.x, o = f.o or 'guests', u = num(f.u), c = f.c or ''}
    found.e = end_of(found.s, found.d, found.x)
    local kept = redis.call('HMGET', gens, found.o, 'realm')
    local in_force = f.g == (read_generation(kept[1])) and f.r == (read_generation(kept[2]))
    if not in_force then return 'killed', found end
    if now >= found.e then return 'expired', found end
    return 'live', found
end

-- The same of what stands under a key, or 'none'. And the fields that are asked for beside.
local function stand(record, gens, now, ...)
    local f = redis.call('HMGET', record, 'z', 's', 'd', 'x', 'o', 'g', 'r', 'u', 'c', ...)
    if not f[1] and not f[2] and redis.call('EXISTS', record) == 0 then return 'none', {}, {} end
    local how, found =
        judge({z = f[1], s = f[2], d = f[3], x = f[4], o = f[5], g = f[6], r = f[7], u = f[8], c = f[9]}, gens, now)
    return how, found, {select(10, unpack(f))}
end

-- How a record that is not live has ended, in a tombstone's letters.
local function ending(how)
    if how == 'r' then return 'r' end
    return 'e'
end
