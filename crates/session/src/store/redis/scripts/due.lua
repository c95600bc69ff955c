-- Keys of what a sweep should look at. KEYS: guests, users, tombs, killed…. ARGV: now, an afterlife ago, at most.
local left = num(ARGV[3])
local found = {}
local function take(hexes)
    for _, hex in ipairs(hexes) do
        if left > 0 then
            found[#found + 1] = hex
            left = left - 1
        end
    end
end
take(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[2], 'LIMIT', 0, left))
take(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[2], 'LIMIT', 0, left))
for i = 4, #KEYS do
    if left > 0 then take(redis.call('ZRANGE', KEYS[i], 0, left - 1)) end
end
if left > 0 then take(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', ARGV[1], 'LIMIT', 0, left)) end
return found
