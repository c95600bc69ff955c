-- What all scripts begin with. Moments are milliseconds since 1970; `now` always comes with the call.
--
-- A record is a hash of single letters: a (about, JSON), i (issued), s (seen), c (cookie until, or ''),
-- u (its id verifies until), d (idle time and touch interval), x (absolute end, or ''), o (whose generation),
-- g and r (generations of that and of the realm), k and b (number and bytes of the values), t (the trail, a
-- line each), and v with a value's key behind it. A tombstone is a hash with z ('r' replaced, 'e' ended), u,
-- and where it was replaced w (what it tells, as the program wrote it).
local LAST_MOMENT = 253402207200999
-- The limits of value.rs.
local MOST_VALUES, MOST_BYTES = 256, 65536

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

local function generation(gens, subject)
    return read_generation(redis.call('HGET', gens, subject))
end

-- Whether the generations that a record carries, of its subject and of the realm, are in force.
local function in_force(gens, subject, of_subject, of_realm)
    local kept = redis.call('HMGET', gens, subject, 'realm')
    return of_subject == (read_generation(kept[1])) and of_realm == (read_generation(kept[2]))
end

-- Whether an id issued then may not begin a session.
local function was_killed(gens, subject, issued, latest)
    for _, whose in ipairs({subject, 'realm'}) do
        local _, killed_at = generation(gens, whose)
        if killed_at and issued <= killed_at and killed_at <= latest then return true end
    end
    return false
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
    if not in_force(gens, found.o, f.g, f.r) then return 'killed', found end
    if now >= found.e then return 'expired', found end
    return 'live', found
end

-- The same of what stands under a key, or 'none'.
local function stand(record, gens, now)
    local f = redis.call('HMGET', record, 'z', 's', 'd', 'x', 'o', 'g', 'r', 'u', 'c')
    if not f[1] and not f[2] and redis.call('EXISTS', record) == 0 then return 'none', {} end
    return judge({z = f[1], s = f[2], d = f[3], x = f[4], o = f[5], g = f[6], r = f[7], u = f[8], c = f[9]}, gens, now)
end

-- How a record that is not live has ended, in a tombstone's letters.
local function ending(how)
    if how == 'r' then return 'r' end
    return 'e'
end

-- Redis forgets a key by itself in so many milliseconds at the earliest: should nobody sweep.
local function keep(key, span)
    if redis.call('PTTL', key) < span then redis.call('PEXPIRE', key, text(span)) end
end

local function keep_record(record, now, e, verifies_until, margin)
    local span = math.max(e, verifies_until) - now + margin
    keep(record, math.max(span, margin))
    return math.max(span, margin)
end

-- Notes in the realm's lists until when a record lives. at = {guests, users, owners}
local function note_end(at, hex, subject, e, span)
    local list = at.users
    if subject == 'guests' then list = at.guests end
    redis.call('ZADD', list, text(e), hex)
    keep(list, span)
end

local function strike(at, hex, subject)
    redis.call('ZREM', at.guests, hex)
    redis.call('ZREM', at.users, hex)
    if subject then redis.call('ZREM', at.owners, subject .. '\0' .. hex) end
end

-- Puts a tombstone in the place of whatever stands there.
local function entomb(record, tombs, hex, letter, till, now, margin)
    redis.call('DEL', record)
    redis.call('HSET', record, 'z', letter, 'u', text(till))
    local span = math.max(till - now, 0) + margin
    keep(record, span)
    redis.call('ZADD', tombs, text(till), hex)
    keep(tombs, span)
end

-- The keys of a user's records, as the realm's lists know them.
local function owned(owners, subject)
    local found = {}
    local from = subject .. '\0'
    for _, member in ipairs(redis.call('ZRANGEBYLEX', owners, '[' .. from, '[' .. from .. '\255')) do
        -- Another user's id may begin with this one and a zero byte.
        if #member == #from + 64 then found[#found + 1] = string.sub(member, #from + 1) end
    end
    return found
end

-- Writes a new record; its fields stand in ARGV from `first` on.
local function insert(record, gens, at, hex, subject, now, margin, first)
    redis.call('HSET', record, 'g', (generation(gens, subject)), 'r', (generation(gens, 'realm')))
    for i = first, #ARGV, 2 do
        redis.call('HSET', record, ARGV[i], ARGV[i + 1])
    end
    local f = redis.call('HMGET', record, 's', 'd', 'x', 'u')
    local e = end_of(f[1], f[2], f[3])
    local span = keep_record(record, now, e, num(f[4]), margin)
    note_end(at, hex, subject, e, span)
    if subject ~= 'guests' then
        redis.call('ZADD', at.owners, 0, subject .. '\0' .. hex)
        keep(at.owners, span)
    end
end

-- Writes a use down; an older one than is known changes nothing.
local function note_use(record, at, hex, found, seen, cookie, now, margin)
    local s = math.max(found.s, num(seen))
    redis.call('HSET', record, 's', text(s))
    if found.c ~= '' and cookie ~= '' then
        redis.call('HSET', record, 'c', text(math.max(num(found.c), num(cookie))))
    end
    local e = end_of(s, found.d, found.x)
    local span = keep_record(record, now, e, found.u, margin)
    note_end(at, hex, found.o, e, span)
end

-- What changes of values would make of their number and bytes. `changes` is a list of {field, length of the
-- key as JSON, new value or nil}.
local function weigh(record, changes)
    local fields = {'k', 'b'}
    for _, change in ipairs(changes) do fields[#fields + 1] = change[1] end
    local kept = redis.call('HMGET', record, unpack(fields))
    local number, bytes = num(kept[1]), num(kept[2])
    local pending = {}
    for i, change in ipairs(changes) do
        local old = pending[change[1]]
        if old == nil then old = kept[i + 2] end
        if old then
            number = number - 1
            bytes = bytes - change[2] - 1 - #old
        end
        if change[3] then
            number = number + 1
            bytes = bytes + change[2] + 1 + #change[3]
        end
        pending[change[1]] = change[3] or false
    end
    return number, bytes, pending
end

local function write_values(record, number, bytes, pending)
    local set, gone = {'k', number, 'b', bytes}, {}
    for field, value in pairs(pending) do
        if value then
            set[#set + 1], set[#set + 2] = field, value
        else
            gone[#gone + 1] = field
        end
    end
    redis.call('HSET', record, unpack(set))
    if #gone > 0 then redis.call('HDEL', record, unpack(gone)) end
end

-- The values as one JSON object: braces, and commas between.
local function total(number, bytes)
    return 2 + bytes + math.max(number - 1, 0)
end
