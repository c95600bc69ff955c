-- KEYS: record, generations, and for a use guests, users, owners.
-- ARGV: now, number of changes, number of visits; per change 's' or 'r', field, length of the key as JSON, value
--   ('' for 'r'); for visits trail size, visits…; for a use seen, cookie until ('' = not sent), hex, margin.
-- Answers 'ok', 'r' or 'e' (gone), 'many', or the number of bytes that would be too many.
local now = num(ARGV[1])
local how, found = stand(KEYS[1], KEYS[2], now)
if how ~= 'live' then return ending(how) end

local last_change = 3 + 4 * num(ARGV[2])
local visits = num(ARGV[3])
if last_change > 3 then
    local changes, sets = {}, false
    for i = 4, last_change, 4 do
        local set = ARGV[i] == 's'
        sets = sets or set
        changes[#changes + 1] = {ARGV[i + 1], num(ARGV[i + 2]), set and ARGV[i + 3] or nil}
    end
    local number, bytes, pending = weigh(KEYS[1], changes)
    if sets and number > MOST_VALUES then return 'many' end
    if sets and total(number, bytes) > MOST_BYTES then return total(number, bytes) end
    write_values(KEYS[1], number, bytes, pending)
end

local last = last_change
if visits > 0 then
    last = last_change + 1 + visits
    local trail = {}
    for line in string.gmatch(redis.call('HGET', KEYS[1], 't') or '', '[^\n]+') do
        trail[#trail + 1] = line
    end
    for i = last_change + 2, last do
        local kept = {}
        for _, line in ipairs(trail) do
            if line ~= ARGV[i] then kept[#kept + 1] = line end
        end
        kept[#kept + 1] = ARGV[i]
        trail = kept
    end
    local from = math.max(#trail - num(ARGV[last_change + 1]), 0) + 1
    redis.call('HSET', KEYS[1], 't', table.concat(trail, '\n', from))
end

if #ARGV > last then
    local at = {guests = KEYS[3], users = KEYS[4], owners = KEYS[5]}
    note_use(KEYS[1], at, ARGV[last + 3], found, ARGV[last + 1], ARGV[last + 2], now, num(ARGV[last + 4]))
end
return 'ok'
