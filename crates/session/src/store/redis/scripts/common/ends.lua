-- Until when things stay: what Redis may forget, and the realm's lists that the sweep reads.

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
