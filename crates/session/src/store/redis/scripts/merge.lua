-- KEYS: record, generations, and for a use guests, users, owners.
-- ARGV: now, number of changes, number of visits; per change field and value ('' = it goes); for visits trail
--   size, visits…; for a use seen, cookie until ('' = not sent), hex, margin.
-- Answers 'ok', 'r' or 'e' (gone), 'many', or the number of bytes that would be too many.
local now, visits = num(ARGV[1]), num(ARGV[3])
local last = 3 + 2 * num(ARGV[2])

local fields, sets = {'k', 'b'}, false
for i = 4, last, 2 do
    fields[#fields + 1] = ARGV[i]
    sets = sets or ARGV[i + 1] ~= ''
end
fields[#fields + 1] = visits > 0 and 't' or nil
local how, found, kept = stand(KEYS[1], KEYS[2], now, unpack(fields))
if how ~= 'live' then return ending(how) end

local number, bytes, pending = weigh(kept, 4, last)
if sets and number > MOST_VALUES then return 'many' end
if sets and total(number, bytes) > MOST_BYTES then return total(number, bytes) end

local set = {}
if visits > 0 then
    local trail = {}
    for line in string.gmatch(kept[#fields] or '', '[^\n]+') do
        trail[#trail + 1] = line
    end
    for i = last + 2, last + 1 + visits do
        local others = {}
        for _, line in ipairs(trail) do
            if line ~= ARGV[i] then others[#others + 1] = line end
        end
        others[#others + 1] = ARGV[i]
        trail = others
    end
    local from = math.max(#trail - num(ARGV[last + 1]), 0) + 1
    set = {'t', table.concat(trail, '\n', from)}
    last = last + 1 + visits
end

if #ARGV > last then
    local seen, cookie = ARGV[last + 1], ARGV[last + 2]
    -- An older use than is known changes nothing.
    local s = math.max(found.s, num(seen))
    set[#set + 1] = 's'
    set[#set + 1] = text(s)
    if found.c ~= '' and cookie ~= '' then
        set[#set + 1] = 'c'
        set[#set + 1] = text(math.max(num(found.c), num(cookie)))
    end
    local e = end_of(s, found.d, found.x)
    local span = keep_record(KEYS[1], now, e, found.u, num(ARGV[last + 4]))
    note_end({guests = KEYS[3], users = KEYS[4], owners = KEYS[5]}, ARGV[last + 3], found.o, e, span)
end
write_values(KEYS[1], number, bytes, pending, set)
return 'ok'
