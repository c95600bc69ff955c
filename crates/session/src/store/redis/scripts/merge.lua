-- KEYS: record, generations, guests, users, owners.
-- ARGV: now, margin, hex, seen ('' = not used), cookie until ('' = not sent), most values, most bytes,
--   trail size, number of visits, visits…, number of changes, then per change: 's' or 'r', field, length of
--   the key as JSON, value ('' for 'r').
-- Answers 'ok', 'r' or 'e' (gone), 'many', or the number of bytes that would be too many.
local now, margin = num(ARGV[1]), num(ARGV[2])
local how, found = stand(KEYS[1], KEYS[2], now)
if how ~= 'live' then return ending(how) end

local visits = num(ARGV[9])
local first_change = 11 + visits
local changes, sets = {}, false
for i = first_change, #ARGV, 4 do
    local set = ARGV[i] == 's'
    sets = sets or set
    changes[#changes + 1] = {ARGV[i + 1], num(ARGV[i + 2]), set and ARGV[i + 3] or nil}
end
if #changes > 0 then
    local number, bytes, pending = weigh(KEYS[1], changes)
    if sets and number > num(ARGV[6]) then return 'many' end
    if sets and total(number, bytes) > num(ARGV[7]) then return total(number, bytes) end
    write_values(KEYS[1], number, bytes, pending)
end

if visits > 0 then
    local trail = {}
    for line in string.gmatch(redis.call('HGET', KEYS[1], 't') or '', '[^\n]+') do
        trail[#trail + 1] = line
    end
    for i = 10, 9 + visits do
        local kept = {}
        for _, line in ipairs(trail) do
            if line ~= ARGV[i] then kept[#kept + 1] = line end
        end
        kept[#kept + 1] = ARGV[i]
        trail = kept
    end
    local from = math.max(#trail - num(ARGV[8]), 0) + 1
    redis.call('HSET', KEYS[1], 't', table.concat(trail, '\n', from))
end

if ARGV[4] ~= '' then
    local at = {guests = KEYS[3], users = KEYS[4], owners = KEYS[5]}
    note_use(KEYS[1], at, ARGV[3], found, ARGV[4], ARGV[5], now, margin)
end
return 'ok'
