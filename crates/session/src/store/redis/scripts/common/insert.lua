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
