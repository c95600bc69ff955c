-- Records that go: out of the realm's lists, and a tombstone in their place.
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
